import NIOCore

/// A connection whose output is gathered, and sent as one.
protocol TickFlushed: AnyObject {
  func sendOutput()
}

/// Sends what was written in one turn of an event loop at the end of that turn: however many responses came in it, a client's
/// connection is written to once.
final class TickFlusher {
  private let eventLoop: any EventLoop
  private var waiting: [any TickFlushed] = []
  /// Buffers that output is gathered in, while no connection has any: one that rests holds no memory for it.
  private var buffers: [ByteBuffer] = []

  private static let maxBuffers = 16
  private static let firstCapacity = 4096

  init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Has the output of a connection sent at the end of the turn. Each connection asks once.
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

  /// An empty one.
  func takeBuffer() -> ByteBuffer {
    guard var buffer = buffers.popLast() else { return ByteBufferAllocator().buffer(capacity: Self.firstCapacity) }
    // Another, small one if it still waits to be sent.
    buffer.clear(minimumCapacity: Self.firstCapacity)
    return buffer
  }

  /// - Parameter maxCapacity: a larger one is not kept.
  func recycle(_ buffer: ByteBuffer, maxCapacity: Int = 32 * 1024) {
    guard buffers.count < Self.maxBuffers, buffer.capacity <= maxCapacity else { return }
    buffers.append(buffer)
  }
}

extension ByteBuffer {
  /// What it holds, and leaves an empty one: nobody else holds the bytes then, so that they can be written to in place.
  mutating func takeAll() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&self, &taken)
    return taken
  }
}
