/// How long a client of the socket may take.
package struct ControlTimeouts: Hashable, Sendable {
  /// Between two requests.
  package var rest = Duration.seconds(60)
  /// From a request's first byte to its last.
  package var request = Duration.seconds(30)
  /// To take what was written last of an answer.
  package var write = Duration.seconds(60)
  package init() {}
}
