import HTTPMessages
import NIOCore

/// An HTTP/2 connection to an upstream, with prior knowledge (RFC 9113 §3.3). Each exchange is a stream.
final class HTTP2UpstreamConnection: ChannelDuplexHandler, DeadlineObserver {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  /// Limit of the output that the upstream does not read. It is mostly answers to the upstream, because requests wait.
  private static let maxUnreadBytes = 1 << 20

  let transport: HTTP2Transport
  private let pool: HTTP2UpstreamPool
  private let worker: ProxyWorker
  private var machine = StateMachine()
  /// Indexed by slot.
  private var streams: [HTTP2UpstreamStream?] = []
  /// Streams that have received data since the last flush.
  private var streamsToFlush: [HTTP2UpstreamStream] = []
  private var input = ByteBuffer()
  /// Deadline of the connection itself: until its SETTINGS, and while it is idle.
  private var ownDeadline = NIODeadline.distantFuture

  private init(pool: HTTP2UpstreamPool, worker: ProxyWorker) {
    (self.pool, self.worker) = (pool, worker)
    transport = HTTP2Transport(
      HTTP2ConnectionState(.client, isSecure: false, bounds: HTTP2Bounds(upstream: worker.settings.limits)),
      flusher: worker.flusher)
    transport.owner = self
  }

  /// Adds an HTTP/2 connection to a channel and reports the result to the pool. Must be called on the channel's event loop.
  static func start(on channel: any Channel, pool: HTTP2UpstreamPool, worker: ProxyWorker) throws {
    try channel.pipeline.syncOperations.addHandler(HTTP2UpstreamConnection(pool: pool, worker: worker))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    transport.context = context
    // First, because the clock of the deadlines stops while there is no observer.
    worker.deadlines.watch(self)
    ownDeadline = worker.deadline(worker.settings.timeouts.connect)
    transport.sendOutput()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard transport.context != nil else { return }
    transport.context = nil
    let failure = machine.disconnected()
    worker.deadlines.forget(self)
    pool.remove(self)
    let open = streams
    streams = []
    for case let stream? in open { stream.wasLost(isUnprocessed: isUnprocessed(stream)) }
    flushStreams()
    if let failure { pool.failed(ProxyFailure(failure)) }
  }

  // MARK: Frames

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    input.appendReceived(unwrapInboundIn(data))
    transport.prepareOutput()
    while transport.context != nil, let event = transport.state.receive(from: &input, at: worker.deadlines.now) {
      handle(event)
    }
    // After the last response the connection may be closed: no ``channelReadComplete(context:)`` follows then.
    guard transport.context != nil else { return flushStreams() }
    transport.outputChanged()
    // Answers that the peer asks for (PING, SETTINGS) and does not read; bodies wait in streams, heads in the pool.
    if !transport.isWritable, transport.unreadBytes > Self.maxUnreadBytes { closeImmediately() }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flushStreams()
    context.fireChannelReadComplete()
  }

  private func flushStreams() {
    let streams = streamsToFlush
    streamsToFlush.removeAll(keepingCapacity: true)
    for stream in streams { stream.flushResponse() }
  }

  private func handle(_ event: HTTP2Event) {
    switch event {
    case .response(let slot, let head, let isWhole):
      deliver(slot) { $0.receive(head, isWhole: isWhole) }
    case .badResponse(let slot, let fault):
      let stream = release(slot)
      stream?.abort(ProxyFailure(response: fault))
    case .body(let slot, let bytes, let isLast): deliver(slot) { $0.receive(bytes, isLast: isLast) }
    case .trailers(let slot, let trailers): deliver(slot) { $0.receive(trailers) }
    case .reset(let slot, let code): release(slot)?.wasReset(code)
    case .settings: settingsReceived()
    case .windowOpened: transport.sendWaiting()
    case .goAway(let last): goAwayReceived(last)
    case .failed:
      machine.framesFailed()
      transport.sendOutput()
      closeImmediately()
    case .request, .badRequest, .drained: break
    }
  }

  private func deliver(_ slot: Int, _ receive: (HTTP2UpstreamStream) -> Void) {
    guard slot < streams.count, let stream = streams[slot] else { return }
    // This event may have ended the stream on both sides.
    if transport.state.isFree(slot) { release(slot) }
    receive(stream)
    streamsToFlush.append(stream)
  }

  private func settingsReceived() {
    transport.sendWaiting()
    switch machine.settingsReceived(maxStreams: transport.state.maxPeerStreams) {
    case .serveWaiting: pool.serveWaiting()
    case .start:
      startIdleTimeout()
      pool.connected(self)
    case .close: closeImmediately()
    }
  }

  private func goAwayReceived(_ last: UInt32) {
    guard machine.goAwayReceived(lastStream: last) == .retire else { return closeImmediately() }
    retire()
    for case let stream? in streams where isUnprocessed(stream) {
      transport.reset(stream.slot, .cancel)
      release(stream.slot)?.wasLost(isUnprocessed: true)
    }
    transport.outputChanged()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    transport.state.isOutputOpen = context.channel.isWritable
    if context.channel.isWritable {
      // Heads first: bodies may make the channel unwritable again.
      pool.serveWaiting()
      transport.sendWaiting()
      for case let stream? in streams { stream.upstreamBecameWritable() }
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed = event as? ChannelEvent { closeImmediately() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { closeImmediately() }

  // MARK: Streams

  /// Whether the upstream allows another stream.
  var hasFreeStream: Bool {
    machine.isOpen && transport.state.openStreams < transport.state.maxPeerStreams
      && transport.context?.channel.isActive == true
  }
  /// Whether a stream can be opened now. Flow control does not limit heads, so they wait while the upstream is slow to
  /// read.
  var hasRoom: Bool { transport.isWritable && hasFreeStream }
  var isIdle: Bool { machine.isOpen && transport.state.openStreams == 0 }

  /// Opens a stream for an exchange.
  func open(_ exchange: Exchange) {
    let (isReused, next) = machine.streamOpened()
    transport.prepareOutput()
    let slot = transport.state.open(
      HTTP2Request(exchange, settings: worker.settings), isWhole: exchange.isRequestOver)
    let stream = HTTP2UpstreamStream(exchange, slot: slot, connection: self, worker: worker, isReused: isReused)
    if slot == streams.count { streams.append(stream) } else { streams[slot] = stream }
    ownDeadline = .distantFuture
    if next == .retire { retire() }
    stream.begin()
    transport.outputChanged()
  }

  /// Called when a stream has ended and its slot is free.
  @discardableResult
  func release(_ slot: Int) -> HTTP2UpstreamStream? {
    guard slot < streams.count, let stream = streams[slot] else { return nil }
    streams[slot] = nil
    stream.wasReleased()
    pool.serveWaiting()
    switch machine.streamReleased(openStreams: transport.state.openStreams, isDraining: worker.isDraining) {
    case .none: break
    case .close: close()
    case .startIdleTimeout: startIdleTimeout()
    }
    return stream
  }

  private func isUnprocessed(_ stream: HTTP2UpstreamStream) -> Bool { machine.isUnprocessed(stream.id) }

  // MARK: Ends

  private func startIdleTimeout() { ownDeadline = worker.deadline(worker.settings.timeouts.upstreamIdle) }

  /// Opens no more streams, and closes after the last one.
  func retire() {
    let action = machine.retire(openStreams: transport.state.openStreams)
    guard action != .none else { return }
    pool.remove(self)
    if action == .close { close() }
  }

  /// Closes the connection after a GOAWAY (RFC 9113 §6.8).
  func close() {
    transport.prepareOutput()
    transport.state.sendGoAway()
    transport.sendOutput()
    closeImmediately()
  }

  private func closeImmediately() {
    machine.close()
    pool.remove(self)
    transport.close()
  }

  /// Whether exchanges may wait in the pool for the upstream to read.
  private var isBlocked: Bool { machine.isOpen && !transport.isWritable }

  var deadline: NIODeadline {
    var deadline = isBlocked ? min(ownDeadline, pool.deadline) : ownDeadline
    for case let stream? in streams { deadline = min(deadline, stream.deadline) }
    return deadline
  }

  func deadlinePassed() {
    let now = worker.deadlines.now
    for case let stream? in streams where stream.deadline <= now { stream.deadlinePassed() }
    if isBlocked, pool.deadline <= now {
      pool.deadlinePassed()
      // If the upstream's machine is down, the next exchange must not wait for the same connection.
      retire()
    }
    guard ownDeadline <= now else { return }
    ownDeadline = .distantFuture
    switch machine.deadlinePassed() {
    case .closeImmediately: closeImmediately()
    case .close: close()
    }
  }
}

extension HTTP2UpstreamConnection: HTTP2TransportOwner {
  func sentWaiting(of slot: Int, isEnded: Bool) {
    guard slot < streams.count, let stream = streams[slot] else { return }
    if transport.state.isFree(slot) { release(slot) } else { stream.upstreamBecameWritable() }
  }
}

extension ProxyFailure {
  fileprivate init(_ failure: HTTP2UpstreamConnection.StateMachine.StartFailure) {
    self =
      switch failure {
      case .closed: .badResponse("it closed the connection instead of beginning")
      case .noFrames: .badResponse("its bytes do not read as frames")
      case .noStreams: .badResponse("it allows no requests (SETTINGS_MAX_CONCURRENT_STREAMS is 0)")
      case .goAway: .badResponse("it said goodbye instead of beginning")
      case .timedOut: .unreachable(.timedOut)
      }
  }
}
