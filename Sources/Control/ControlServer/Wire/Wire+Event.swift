import ControlAPI
import FoundationEssentials
import GuestControl
import ProxmoxInventory
import Reconciliation
import RouteModel
import RouteRegistry

extension EventData {
  /// - Parameters:
  ///   - listener: where a stream route listens at the time of the event.
  ///   - control: the control state of the guest behind a route at that time.
  init(_ event: Event, listener: (RouteID) -> ListenerState?, control: (Route) -> ControlReport?) {
    let at = event.at
    switch event.payload {
    case .route(let entry, _), .routeRemoved(let entry):
      self = .route(
        .init(at: at, route: .init(entry, listener: listener(entry.route.id), control: control(entry.route))))
    case .link(let entry, let before):
      self = .link(
        .init(
          at: at, key: entry.key, alias: entry.route.alias.text, before: .init(before), after: .init(entry.route.link)))
    case .health(let key, let alias, let before, let after):
      self = .health(
        .init(
          at: at, key: key, alias: alias.text, before: .init(before), after: .init(after), cause: after.cause))
    case .guest(let change):
      self = .guest(
        .init(
          at: at, cluster: change.id.cluster, vmid: change.id.vmid, before: change.before.map { .init($0) },
          after: change.after.map { .init($0) }, reason: change.after == nil ? change.reason : nil))
    case .node(let change):
      self = .node(
        .init(
          at: at, cluster: change.id.cluster, name: change.id.name, before: change.before.map { .init($0) },
          after: change.after.map { .init($0) }, reason: change.after == nil ? change.reason : nil))
    case .cluster(let change):
      self = .cluster(
        .init(at: at, cluster: change.after.name, before: .init(change.before), after: .init(change.after)))
    case .control(let report):
      self = .control(
        .init(at: at, cluster: report.id.cluster, vmid: report.id.vmid, control: .init(report)))
    case .reload(let generation, let routes): self = .reload(.init(at: at, generation: generation, routes: routes))
    case .overflow:
      self = .overflow(.init(at: at, message: "events before this one are gone: read the state again"))
    }
  }
}
