import NIOCore
package import RouteModel
import ServerSockets
import Synchronization

/// Where and how a route listens. Equal specs share one socket: all other properties of the route are looked up for
/// each connection.
struct ListenerSpec: Hashable, Sendable {
  let id: RouteID
  let isDatagram: Bool
  let host: String
  /// 0 means any free port.
  let port: UInt16
  let terminatesTLS: Bool

  /// Nil for a route that does not listen on its own port, or is not served.
  init?(_ route: Route, bind: String) {
    guard route.pool == .stream, route.restriction == nil, let listen = route.declaration.port?.listen else {
      return nil
    }
    id = route.id
    isDatagram = route.scheme == .udp
    host = route.declaration.bind ?? bind
    port = listen
    terminatesTLS = route.declaration.streamTLS == .terminated
  }

  /// Whether it listens on all addresses of the machine.
  var listensEverywhere: Bool { IPAddress(host)?.isUnspecified ?? false }

  var address: SocketAddress { get throws { try SocketAddress(ipAddress: host, port: Int(port)) } }
}

extension SocketAddress {
  /// Whether a connection to that host and port reaches a socket bound to this address.
  func isReached(by host: String, _ port: UInt16) -> Bool {
    guard self.port == Int(port), let own = ipAddress.flatMap({ IPAddress($0) }) else { return false }
    guard let other = IPAddress(host) else { return HostName.fold(host) == "localhost" && own.isThisMachine }
    return own == other || own.isUnspecified && other.isThisMachine
  }
}

extension IPAddress {
  fileprivate var isThisMachine: Bool { isLocalhost || isUnspecified }
}

/// A socket that listens for one route.
protocol StreamListener: Sendable {
  var spec: ListenerSpec { get }
  var channel: any Channel { get }
  /// Checks for a new target of the route, and counts new bytes of sessions.
  func refresh()
}

extension StreamListener {
  func refresh() {}

  var address: String { channel.localAddress?.hostPort ?? "unknown" }
}

/// The addresses that stream routes really listen on: updated by ``StreamProxy``, read for displaying routes.
package final class StreamListeners: Sendable {
  private let states = Mutex<[RouteID: ListenerState]>([:])

  package init() {}

  /// Nil for a route that does not listen, or is not served yet.
  package func state(of id: RouteID) -> ListenerState? { states.withLock { $0[id] } }

  /// The state of every route that listens, or should.
  package var all: [RouteID: ListenerState] { states.withLock { $0 } }

  func replace(_ new: [RouteID: ListenerState]) { states.withLock { $0 = new } }
}

extension Route {
  /// Whether the route serves a client with that address; an unknown address is only served by routes for all clients.
  func admits(_ client: SocketAddress?) -> Bool {
    declaration.allowedClients.map { $0.admits(client?.ipAddress ?? "") } ?? true
  }

  /// Whether clients start the guest behind the route.
  var wakesItsGuest: Bool { declaration.wake?.start == .onRequest }

  var wakeTimeout: Duration { declaration.wake?.wakeTimeout ?? WakePolicy().wakeTimeout }
}
