import HTTPMessages
import NIOCore
import ProxyTLS
import ServerSockets

/// The owner of the streams of an ``HTTP2Transport``.
protocol HTTP2TransportOwner: AnyObject {
  /// Called when all waiting data of a stream was written.
  ///
  /// - Parameter isEnded: whether the end of the stream was written.
  func sentWaiting(of slot: Int, isEnded: Bool)
}

/// The state of an HTTP/2 connection and its channel. Output is sent at the end of each event loop tick: earlier if
/// there is much of it, later if the peer has not read earlier output.
final class HTTP2Transport: TickFlushed {
  /// Limit of the data of one stream that waits for a window of the peer, before its sender has to wait.
  private static let maxWaitingBytes = 64 * 1024
  /// Capacity of a buffer that is filled up to ``HTTP2ConnectionState/highWater``.
  private static let maxCapacity = 256 * 1024

  var state: HTTP2ConnectionState
  /// Nil while the channel is closed.
  var context: ChannelHandlerContext?
  weak var owner: (any HTTP2TransportOwner)?
  private let flusher: TickFlusher
  private var isFlushScheduled = false
  private var unsent = UnsentOutput()
  /// Later output is dropped.
  private(set) var isOutputClosed = false

  init(_ state: consuming HTTP2ConnectionState, flusher: TickFlusher) {
    self.state = state
    self.flusher = flusher
  }

  /// The last value from the channel.
  var isWritable: Bool { context != nil && !isOutputClosed && state.isOutputOpen }

  /// Bytes that the peer has not read.
  var unreadBytes: Int { (context?.channel.unreadBytes ?? 0) + (isOutputClosed ? 0 : state.output.readableBytes) }

  func acceptsMore(of slot: Int) -> Bool { isWritable && state.waitingBytes(of: slot) < Self.maxWaitingBytes }

  // MARK: Output

  /// Must be called before a write to the state.
  func prepareOutput() {
    if state.output.capacity == 0 { state.reuse(flusher.emptyBuffer()) }
  }

  /// Must be called after a write to the state.
  func outputChanged() {
    guard state.output.readableBytes >= HTTP2ConnectionState.highWater else { return scheduleFlush() }
    sendOutput()
    sendWaiting()
  }

  private func scheduleFlush() {
    guard !isFlushScheduled, !unsent.isWaiting, state.output.readableBytes > 0 else { return }
    isFlushScheduled = true
    flusher.add(self)
  }

  /// Writes waiting data of the streams as far as windows and channel allow.
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
    guard let context, !isOutputClosed, state.output.readableBytes > 0 else { return }
    let bytes = state.removeOutput()
    let sent = unsent.promise(on: context.channel) {
      self.unsent.sent()
      self.sendOutput()
    }
    context.writeAndFlush(NIOAny(bytes), promise: sent)
    flusher.recycle(bytes, maxCapacity: Self.maxCapacity)
    scheduleFlush()
  }

  func close() {
    isOutputClosed = true
    context?.close(promise: nil)
  }

  func close(after error: any Error) {
    isOutputClosed = true
    context?.close(after: error)
  }

  /// Closes the output once everything was sent.
  ///
  /// - Parameter promise: for the time when that is done.
  func closeOutput(promise: EventLoopPromise<Void>) {
    // Some of it is sent separately. Sending may find that the channel is closed.
    while context != nil, !isOutputClosed, state.output.readableBytes > 0 { sendOutput() }
    isOutputClosed = true
    guard let context else { return promise.fail(ChannelError.ioOnClosedChannel) }
    context.closeAfterWrites(.output, promise: promise)
  }

  // MARK: Streams

  func send(_ body: ByteBuffer, on slot: Int) {
    prepareOutput()
    state.send(body, on: slot)
    outputChanged()
  }

  // These may free the slot, and sending can cause its reuse. So nothing is sent until the caller has handled that and
  // calls ``outputChanged()``.

  /// - Returns: whether the end of the stream was written.
  func end(_ slot: Int, trailers: HeadFields?) -> Bool {
    prepareOutput()
    return state.end(slot, trailers: trailers)
  }

  func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
    prepareOutput()
    state.reset(slot, code)
  }

  /// Extends the window of a stream after a part of its body was processed.
  func consume(_ count: Int, of slot: Int) {
    prepareOutput()
    state.consume(count, of: slot)
    outputChanged()
  }
}
