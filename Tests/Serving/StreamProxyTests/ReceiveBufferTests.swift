import NIOCore
import ServerSockets
import Testing

@Suite struct ReceiveBufferTests {
  /// The buffers of a channel that reads once per event.
  @Test func onlyALargeBodyIsReadIntoALargeBuffer() {
    var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: ReceiveBuffer())
    let capacities = [1000, 16 * 1024, 50_000, 16 * 1024, 100, 100].map { count in
      let (_, capacity) = pool.buffer(allocator: ByteBufferAllocator()) { $0.writableBytes }
      pool.record(actualReadBytes: count)
      return capacity
    }
    #expect(capacities == [16, 16, 64, 64, 64, 16].map { $0 * 1024 })
    #expect(pool.count == 1)
  }
}
