import NIOCore

/// A connection with buffered output for a ``TickFlusher``.
protocol TickFlushed: AnyObject {
  func sendOutput()
}

/// Sends the output of one event loop tick at its end, so that each connection is written to once per tick, however many
/// responses it got.
final class TickFlusher {
  private let eventLoop: any EventLoop
  private var waiting: [any TickFlushed] = []
  /// Free output buffers. An idle connection holds none.
  private var buffers: [ByteBuffer] = []

  private static let maxBuffers = 16
  private static let firstCapacity = 4096

  init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Schedules the output of a connection for the end of the tick. Must be called once per connection and tick.
  func add(_ connection: any TickFlushed) {
    waiting.append(connection)
    guard waiting.count == 1 else { return }
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.execute { bound.value.flush() }
  }

  private func flush() {
    let connections = waiting
    waiting.removeAll(keepingCapacity: true)
    for connection in connections { connection.sendOutput() }
  }

  /// An empty buffer.
  func emptyBuffer() -> ByteBuffer {
    guard var buffer = buffers.popLast() else { return ByteBufferAllocator().buffer(capacity: Self.firstCapacity) }
    // `clear` allocates new memory if the old one still waits to be sent.
    buffer.clear(minimumCapacity: Self.firstCapacity)
    return buffer
  }

  /// Keeps a buffer for reuse.
  ///
  /// - Parameter maxCapacity: a larger buffer is not kept.
  func recycle(_ buffer: ByteBuffer, maxCapacity: Int = 32 * 1024) {
    guard buffers.count < Self.maxBuffers, buffer.capacity <= maxCapacity else { return }
    buffers.append(buffer)
  }
}

extension ByteBuffer {
  /// Moves the contents out and leaves an empty buffer. The result has no other reference, so that it is written in place.
  mutating func removeAll() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&self, &taken)
    return taken
  }
}
