import NIOCore
import Synchronization

/// A connection relayed on an event loop that may be silent for long.
protocol SilentConnection: AnyObject {
  var lastActivity: NIODeadline { get }
  func end()
}

/// The connections that may be ended when file descriptors are short and they have been silent for long: relays through
/// channels, and UDP sessions. (Relays between sockets belong to their ``RelayLoop``.)
final class SilentConnections: Sendable {
  /// The silence up to which a connection counts as in use.
  static let minSilence = TimeAmount.seconds(10)

  private let connections = Mutex<[ObjectIdentifier: NIOLoopBound<any SilentConnection>]>([:])

  /// Called on the connection's event loop.
  func add(_ connection: any SilentConnection, on loop: any EventLoop) {
    let bound = NIOLoopBound(connection, eventLoop: loop)
    connections.withLock { $0[ObjectIdentifier(connection)] = bound }
  }

  func remove(_ connection: any SilentConnection) {
    let id = ObjectIdentifier(connection)
    connections.withLock { $0[id] = nil }
  }

  /// On each event loop, ends the quarter of the silent connections that has been silent for longest.
  func makeRoom() {
    let all = connections.withLock { Array($0.values) }
    for ofLoop in Dictionary(grouping: all, by: { ObjectIdentifier($0.eventLoop) }).values {
      ofLoop[0].eventLoop.execute { Self.endMostSilent(ofLoop.map(\.value), at: .now()) }
    }
  }

  private static func endMostSilent(_ connections: [any SilentConnection], at now: NIODeadline) {
    let silent = connections.filter { $0.lastActivity + minSilence <= now }
    for connection in silent.sorted(by: { $0.lastActivity < $1.lastActivity }).prefix((silent.count + 3) / 4) {
      connection.end()
    }
  }
}
