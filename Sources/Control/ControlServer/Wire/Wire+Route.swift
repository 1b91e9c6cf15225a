import ControlAPI
import GuestControl
import Reconciliation
import RouteModel
import RouteRegistry

extension RouteJSON {
  init(_ entry: RegistrySnapshot.Entry, listener: ListenerState?, control: ControlReport?) {
    self.init(
      entry.route, key: entry.key, health: entry.route.health.report, listener: listener, control: control)
  }

  init(_ reported: ReportedRoute, listener: ListenerState?, control: ControlReport?) {
    self.init(reported.route, key: reported.key, health: reported.health, listener: listener, control: control)
  }

  private init(
    _ route: Route, key: RouteKey, health: HealthReport, listener: ListenerState?, control: ControlReport?
  ) {
    self.init(
      key: key, alias: route.alias.text, provider: route.provider.text, pool: route.pool.rawValue,
      scheme: route.scheme.rawValue, listen: listener?.address,
      listenError: listener?.failure, target: route.target?.description,
      excludedReason: route.excludedReason, restricted: route.restriction, link: LinkJSON(route.link),
      health: HealthJSON(health), control: control.map(ControlJSON.init))
  }
}

extension Explanation {
  /// - Parameter steps: how the link and the target were decided.
  init(
    _ entry: RegistrySnapshot.Entry, declaredAt location: SourceLocation, steps: [LinkStep],
    listener: ListenerState?, control: ControlReport?
  ) {
    let steps = steps + [listener?.step, control?.step].compactMap { $0 }
    self.init(
      route: RouteJSON(entry, listener: listener, control: control),
      declaredAt: location.description,
      steps: steps.map(LinkStepJSON.init), health: HealthDetail(entry), notes: entry.route.declaration.notes)
  }
}

extension ListenerState {
  fileprivate var step: LinkStep {
    switch self {
    case .listening(let address): .init(.listen, .chosen, "listens on \(address)")
    case .failed(let reason): .init(.listen, .failed, reason)
    }
  }
}
