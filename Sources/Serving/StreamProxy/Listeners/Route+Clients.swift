import NIOCore
import RouteModel

extension Route {
  /// Whether the route serves a client there; one whose address is unknown is served by routes for all.
  func admits(_ client: SocketAddress?) -> Bool {
    declaration.allowedClients.map { $0.admits(client?.ipAddress ?? "") } ?? true
  }
}

extension Route {
  /// Whether its clients start the guest behind it.
  var wakesItsGuest: Bool { declaration.wake?.start == .onRequest }

  var wakeTimeout: Duration { declaration.wake?.wakeTimeout ?? WakePolicy().wakeTimeout }
}
