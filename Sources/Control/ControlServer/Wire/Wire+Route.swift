import ControlAPI
import GuestControl
import RouteModel
import RouteRegistry

extension ControlAPI.Route {
  init(_ entry: RegistrySnapshot.Entry, listener: ListenerState?, control: ControlReport?) {
    let route = entry.route
    self.init(
      key: entry.key, alias: route.alias.text, provider: route.provider.text, pool: route.pool.rawValue,
      scheme: route.scheme.rawValue, listen: listener?.address,
      listenError: listener?.failure, target: route.target?.description,
      excludedReason: route.excludedReason, restricted: route.restriction, link: ControlAPI.Link(route.link),
      health: Health(route.health.report), control: control.map(ControlAPI.Control.init))
  }
}

extension Explanation {
  /// - Parameter steps: how the link and the target were decided.
  init(
    _ entry: RegistrySnapshot.Entry, steps: [RouteModel.LinkStep], listener: ListenerState?, control: ControlReport?
  ) {
    let steps = steps + [listener?.step, control?.step].compactMap { $0 }
    self.init(
      route: ControlAPI.Route(entry, listener: listener, control: control),
      declaredAt: entry.route.declaration.location.description,
      steps: steps.map(ControlAPI.LinkStep.init), health: HealthDetail(entry), notes: entry.route.declaration.notes)
  }
}

extension ListenerState {
  fileprivate var step: RouteModel.LinkStep {
    switch self {
    case .listening(let address): .init(.listen, .chosen, "listens on \(address)")
    case .failed(let reason): .init(.listen, .failed, reason)
    }
  }
}
