import HTTPMessages
import NIOCore

/// Whose streams an ``HTTP2Transport`` carries.
protocol HTTP2TransportOwner: AnyObject {
  /// Nothing of the stream waits for a window any more.
  ///
  /// - Parameter isEnded: its end was written.
  func sentWaiting(of slot: Int, isEnded: Bool)
}

/// The state of an HTTP/2 connection, and the channel that its output is sent on: at the end of each turn of the event loop,
/// and as soon as there is much of it.
final class HTTP2Transport: TickFlushed {
  /// What may wait for a window of the other side, before whoever sends waits too.
  private static let maxWaitingBytes = 64 * 1024
  /// Of a buffer that is filled up to ``HTTP2ConnectionState/highWater``.
  private static let maxCapacity = 256 * 1024

  var state: HTTP2ConnectionState
  /// While the channel is open.
  var context: ChannelHandlerContext?
  weak var owner: (any HTTP2TransportOwner)?
  private let flusher: TickFlusher
  private var isFlushScheduled = false

  init(_ state: consuming HTTP2ConnectionState, flusher: TickFlusher) {
    self.state = state
    self.flusher = flusher
  }

  /// As the channel said last.
  var isWritable: Bool { context != nil && state.isOutputOpen }

  /// Bytes that the other side has not taken.
  var unreadBytes: Int { (context?.channel.unreadBytes ?? 0) + state.output.readableBytes }

  func takesMore(of slot: Int) -> Bool { isWritable && state.waitingBytes(of: slot) < Self.maxWaitingBytes }

  // MARK: Output

  /// Call it before something is written.
  func prepareOutput() {
    if state.output.capacity == 0 { state.reuse(flusher.takeBuffer()) }
  }

  /// Call it when something was written.
  func outputChanged() {
    guard state.output.readableBytes >= HTTP2ConnectionState.highWater else { return scheduleFlush() }
    sendOutput()
    sendWaiting()
  }

  private func scheduleFlush() {
    guard !isFlushScheduled, state.output.readableBytes > 0 else { return }
    isFlushScheduled = true
    flusher.add(self)
  }

  /// Writes what waits in the streams, as far as windows and channel allow.
  func sendWaiting() {
    while isWritable {
      prepareOutput()
      while let progress = state.advance() { owner?.sentWaiting(of: progress.slot, isEnded: progress.isEnded) }
      guard state.output.readableBytes >= HTTP2ConnectionState.highWater else { break }
      sendOutput()
    }
    scheduleFlush()
  }

  func sendOutput() {
    isFlushScheduled = false
    guard let context, state.output.readableBytes > 0 else { return }
    let bytes = state.takeOutput()
    context.writeAndFlush(NIOAny(bytes), promise: nil)
    flusher.recycle(bytes, maxCapacity: Self.maxCapacity)
    scheduleFlush()
  }

  func close() { context?.close(promise: nil) }

  // MARK: Streams

  func send(_ body: ByteBuffer, on slot: Int) {
    prepareOutput()
    state.send(body, on: slot)
    outputChanged()
  }

  // Behind these the slot may be free, and anything that is sent may lead to its being used again: so nothing is, until
  // ``outputChanged()`` is called.

  /// - Returns: whether the end was written.
  func end(_ slot: Int, trailers: HeadFields?) -> Bool {
    prepareOutput()
    return state.end(slot, trailers: trailers)
  }

  func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
    prepareOutput()
    state.reset(slot, code)
  }

  /// A part of a body was taken: as much more may come.
  func consume(_ count: Int, of slot: Int) {
    prepareOutput()
    state.consume(count, of: slot)
    outputChanged()
  }
}

/// A piece of a body that waits to be taken.
enum HTTP2BodyPiece {
  case bytes(ByteBuffer)
  case end(HeadFields?)
}
