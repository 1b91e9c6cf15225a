import NIOCore
import RouteModel

extension Route {
  /// Whether the route serves a client with that address; an unknown address is only served by routes for all clients.
  func admits(_ client: SocketAddress?) -> Bool {
    declaration.allowedClients.map { $0.admits(client?.ipAddress ?? "") } ?? true
  }

  /// Whether clients start the guest behind the route.
  var wakesItsGuest: Bool { declaration.wake?.start == .onRequest }

  var wakeTimeout: Duration { declaration.wake?.wakeTimeout ?? WakePolicy().wakeTimeout }
}
