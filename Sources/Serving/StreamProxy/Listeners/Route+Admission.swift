import NIOCore
import RouteModel

extension Route {
  /// Whether the route serves a client there; one whose address is unknown is served by routes for all.
  func admits(_ client: SocketAddress?) -> Bool {
    declaration.allowedClients.map { $0.admits(client?.ipAddress ?? "") } ?? true
  }
}
