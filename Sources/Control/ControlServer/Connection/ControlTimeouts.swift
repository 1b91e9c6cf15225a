/// The time limits for a client of the socket.
package struct ControlTimeouts: Hashable, Sendable {
  /// Between two requests.
  package var rest = Duration.seconds(60)
  /// From a request's first byte to its last.
  package var request = Duration.seconds(30)
  /// For the client to take the last written part of an answer.
  package var write = Duration.seconds(60)
  package init() {}
}
