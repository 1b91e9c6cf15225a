/// How stream routes are served.
package struct StreamConfiguration: Hashable, Sendable {
  /// Where a stream listens whose route states no `bind`.
  package var bind = "127.0.0.1"
  /// How long an upstream has to accept a connection.
  package var connectTimeout = Duration.seconds(5)
  /// How long a client has for its TLS handshake, and a trusted proxy for its PROXY header.
  package var openingTimeout = Duration.seconds(30)
  /// After how long without a byte either way a connection is closed.
  package var idleTimeout = Duration.seconds(3600)
  /// After how long without a packet the session of a UDP client ends.
  package var datagramTimeout = Duration.seconds(60)
  /// How many clients of a UDP route have a session at a time; one more ends the session that is silent for longest.
  package var datagramSessions = 1024
  /// How many datagrams a session passes on in a second, each way; what is above it is lost. Whatever goes round between
  /// two servers that answer each other's answers stays within it.
  package var datagramRate = 20_000
  /// How long after a failure an address is tried again on which a stream could not listen.
  package var bindRetry = Duration.seconds(5)
  /// For connections that are open when the agent stops.
  package var drain = Duration.seconds(10)

  package init() {}
}
