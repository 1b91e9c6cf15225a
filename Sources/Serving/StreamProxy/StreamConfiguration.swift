import Synchronization

/// The settings for stream routes.
package struct StreamConfiguration: Hashable, Sendable {
  /// The listen address of routes without `bind`.
  package var bind = "127.0.0.1"
  /// How long an upstream has to accept a connection.
  package var connectTimeout = Duration.seconds(5)
  /// How long a client has for its TLS handshake, and a trusted proxy for its PROXY header.
  package var openingTimeout = Duration.seconds(30)
  /// A connection is closed after this time without a byte in either direction.
  package var idleTimeout = Duration.seconds(3600)
  /// The session of a UDP client ends after this time without a packet.
  package var datagramTimeout = Duration.seconds(60)
  /// The maximum number of sessions of a UDP route; a further one ends the session that has been silent for longest.
  package var datagramSessions = 1024
  /// The maximum number of datagrams per second that a session passes on in each direction; the excess is lost. This
  /// also bounds a loop between two servers that answer each other's answers.
  package var datagramRate = 20_000
  /// How long after a failure to listen on an address it is tried again.
  package var bindRetry = Duration.seconds(5)
  /// The time for connections that are open when the agent stops.
  package var drain = Duration.seconds(10)

  package init() {}
}

/// The settings that a reload may change; they apply to connections that begin afterwards.
final class StreamSettings: Sendable {
  struct Values {
    var configuration: StreamConfiguration
    var proxyProtocol: ProxyProtocolPolicy
  }

  private let values: Mutex<Values>

  init(_ values: Values) { self.values = Mutex(values) }

  var current: Values { values.withLock { $0 } }

  func replace(_ new: Values) { values.withLock { $0 = new } }
}
