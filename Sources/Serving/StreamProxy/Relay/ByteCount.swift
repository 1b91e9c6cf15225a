import Synchronization

/// The number of bytes received from one side of a relay: counted on the relay's thread, read on any.
final class ByteCount: Sendable {
  private let bytes = Atomic<UInt64>(0)

  init() {}

  var total: UInt64 { bytes.load(ordering: .relaxed) }

  /// Called on one thread only, which avoids the cost of an atomic addition.
  func add(_ more: Int) { bytes.store(bytes.load(ordering: .relaxed) &+ UInt64(more), ordering: .relaxed) }
}
