/// Limits for a message; a larger one is refused.
package struct MessageLimits: Hashable, Sendable {
  /// The first line, all fields and the empty line together, at most ``maxHeadBytes``; also all trailers.
  package var headBytes = 32 * 1024 { didSet { headBytes = min(headBytes, Self.maxHeadBytes) } }
  package var fieldCount = 128
  /// The line before a chunk: its size and extensions, which are not used in practice.
  package var chunkLineBytes = 256

  /// Offsets into a head have 16 bits.
  package static let maxHeadBytes = Int(UInt16.max)

  package init() {}
}
