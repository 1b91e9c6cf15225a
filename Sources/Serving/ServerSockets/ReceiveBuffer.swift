package import NIOCore

/// What connections to upstreams read into: one buffer each, as large as a TLS record (RFC 8446 §5.1), used again as soon as
/// nobody holds what was read.
///
/// By itself NIO keeps up to four of 64 KiB for every connection that ever read much, and responses are much: a few hundred
/// connections would hold most of the memory that the agent has.
package struct ReceiveBuffer: RecvByteBufferAllocator {
  private static let size = 16 * 1024

  package init() {}

  package func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: Self.size) }

  /// It never grows.
  package func record(actualReadBytes: Int) -> Bool { false }
}
