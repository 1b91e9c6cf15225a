package import NIOCore

/// The receive buffer of connections to upstreams: one each, as large as a TLS record (RFC 8446 §5.1), reused once the
/// bytes read are released.
///
/// By default, NIO keeps up to four buffers of 64 KiB for every connection that has ever read much, which responses do:
/// a few hundred connections would use most of the agent's memory.
package struct ReceiveBuffer: RecvByteBufferAllocator {
  private static let size = 16 * 1024

  package init() {}

  package func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: Self.size) }

  /// It never grows.
  package func record(actualReadBytes: Int) -> Bool { false }
}
