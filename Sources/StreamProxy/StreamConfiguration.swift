/// How stream routes are served.
package struct StreamConfiguration: Hashable, Sendable {
  /// Where a stream listens whose route states no `bind`.
  package var bind = "127.0.0.1"
  /// How long an upstream has to accept a connection.
  package var connectTimeout = Duration.seconds(5)
  /// After how long without a packet the session of a UDP client ends.
  package var datagramTimeout = Duration.seconds(60)

  package init() {}
}
