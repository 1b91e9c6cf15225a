import ControlAPI
import RouteModel
import RouteRegistry

/// The handlers of all operations; a file for each resource.
struct Handlers: Sendable {
  var agent: any ControlledAgent
  var permission: @Sendable () -> AdminPermission
  var heartbeat: Duration

  func info(_ request: APIRequest) -> Response {
    let (generation, counts) = (agent.registry.generation, agent.registry.counts)
    let routes = Dictionary(RoutePool.allCases.map { ($0.rawValue, counts[$0]) }) { first, _ in first }
    return .json(
      APIInfo(
        startedAt: agent.startedAt, generation: generation, routes: routes, proxy: agent.proxyAddresses,
        domains: agent.proxyDomains))
  }
}

extension Handlers {
  func description(_ request: APIRequest) throws -> Response { .json(try OpenAPIDocument.make()) }
}
