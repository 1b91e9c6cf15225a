/// How much of a message head is read before it is refused.
package struct MessageLimits: Hashable, Sendable {
  /// Request line or status line, all fields and the empty line.
  package var headBytes = 32 * 1024
  package var fieldCount = 128

  package init() {}
}
