package import NIOCore
package import NIOPosix

/// The receive buffer of connections to upstreams: one each, as large as a TLS record (RFC 8446 §5.1), reused once the
/// bytes read are released. After a read that fills it, the next one gets a larger buffer of its own, which is released
/// with its bytes: a large body takes fewer reads, and an idle connection keeps no memory for it.
///
/// By default, NIO keeps up to four buffers of 64 KiB for every connection that has ever read much, which responses do:
/// a few hundred connections would use most of the agent's memory.
///
/// The channel must read once per event (`maxMessagesPerRead` of 1); otherwise NIO keeps the larger buffers.
package struct ReceiveBuffer: RecvByteBufferAllocator {
  private static let size = 16 * 1024
  private static let largeSize = 64 * 1024

  private var isLarge = false

  package init() {}

  package func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    allocator.buffer(capacity: isLarge ? Self.largeSize : Self.size)
  }

  /// Whether the next buffer is a larger one.
  package mutating func record(actualReadBytes: Int) -> Bool {
    isLarge = actualReadBytes >= Self.size
    return isLarge
  }
}

extension ClientBootstrap {
  /// Reads into a ``ReceiveBuffer``.
  package func receiveBuffer() -> ClientBootstrap {
    channelOption(.maxMessagesPerRead, value: 1).channelOption(.recvAllocator, value: ReceiveBuffer())
  }
}
