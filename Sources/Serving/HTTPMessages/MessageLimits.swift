/// How much of a message is read before it is refused.
package struct MessageLimits: Hashable, Sendable {
  /// Of request line or status line, all fields and the empty line; at most ``mostHeadBytes``. Of all trailers too.
  package var headBytes = 32 * 1024 { didSet { headBytes = min(headBytes, Self.mostHeadBytes) } }
  package var fieldCount = 128
  /// Of the line before a chunk: its size and the extensions that nobody uses.
  package var chunkLineBytes = 256

  /// Offsets into a head have 16 bits.
  package static let mostHeadBytes = Int(UInt16.max)

  package init() {}
}
