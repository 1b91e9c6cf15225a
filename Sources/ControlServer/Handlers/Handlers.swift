import ControlAPI
import Hummingbird
import RouteRegistry

/// Who answers: a file per resource beside this one.
struct Handlers: Sendable {
  var agent: any ControlledAgent
  var permission: AdminPermission
  var heartbeat: Duration

  func info(_ request: APIRequest) throws -> Response {
    try .json(APIInfo(startedAt: agent.startedAt, generation: agent.registry.generation, proxy: agent.proxyAddresses))
  }
}
