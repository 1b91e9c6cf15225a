import ControlAPI
import ProxmoxInventory
import RouteModel
import RouteRegistry
import ServerSockets

extension Handlers {
  /// The maximum number of routes that are named; the others are only counted.
  private static let maxNamedRoutes = 50

  func liveness(_ request: APIRequest) -> Response { .json(LivenessAnswer()) }

  func readiness(_ request: APIRequest) -> Response {
    var answer = ReadinessAnswer(
      agent.readiness, clusters: agent.inventory.clusters, links: LinkCounts(agent.registry.snapshot),
      listeners: agent.listeners, openRoutes: openRoutes)
    if let shortage = agent.descriptors.problem { answer.problems.append(shortage) }
    return .json(answer, status: answer.ready ? .ok : .serviceUnavailable)
  }

  /// A sentence for each route without a target, which only a change of the route or of the cluster can mend.
  private var openRoutes: [String] {
    let open = agent.registry.snapshot.active.compactMap { entry -> String? in
      let route = entry.route
      return route.openReason.map { "\(route.declaration.location): route '\(route.alias)' has no target: \($0)" }
    }
    let shown = open.prefix(Self.maxNamedRoutes)
    return shown + (open.count > shown.count ? ["\(open.count - shown.count) more routes have no target"] : [])
  }
}
