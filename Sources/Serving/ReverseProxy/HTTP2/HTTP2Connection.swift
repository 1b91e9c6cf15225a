import HTTPMessages
import NIOCore
import ServerSockets

/// An HTTP/2 connection of a client. Each stream is one exchange (RFC 9113 §5).
final class HTTP2Connection: ChannelDuplexHandler, ServedConnection, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  let peer: ClientPeer
  let worker: ProxyWorker
  let transport: HTTP2Transport
  private var machine = StateMachine()
  /// Indexed by slot.
  private var streams: [HTTP2Stream?] = []
  /// Streams that have received parts of their bodies since the last flush.
  private var streamsToFlush: [HTTP2Stream] = []
  private var input = ByteBuffer()
  private var isProcessing = false
  private var isReadPaused = false
  /// Deadline of the connection itself: while it is idle or closing.
  private var ownDeadline = NIODeadline.distantFuture
  /// Deadline for the client to read something.
  private var blockedDeadline = NIODeadline.distantFuture
  private(set) var idleSince: NIODeadline?

  private init(peer: ClientPeer, worker: ProxyWorker) {
    (self.peer, self.worker) = (peer, worker)
    transport = HTTP2Transport(
      HTTP2ConnectionState(.server, isSecure: peer.isSecure, bounds: HTTP2Bounds(client: worker.settings.limits)),
      flusher: worker.flusher)
    transport.owner = self
  }

  /// Adds an HTTP/2 connection to a channel. Must be called on the channel's event loop.
  ///
  /// - Parameters:
  ///   - handler: the handler after which it is added.
  ///   - received: bytes that were already read.
  static func start(
    on channel: any Channel, after handler: any ChannelHandler, received: ByteBuffer = ByteBuffer(), peer: ClientPeer,
    worker: ProxyWorker
  ) throws {
    // All requests of one event loop tick are answered even if the client does not read: so read once per tick.
    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffer())
    let connection = HTTP2Connection(peer: peer, worker: worker)
    connection.input = received
    try channel.pipeline.syncOperations.addHandler(connection, position: .after(handler))
  }

  func handlerAdded(context: ChannelHandlerContext) {
    transport.context = context
    worker.add(self)
    idleSince = worker.deadlines.now
    ownDeadline = worker.deadline(worker.settings.timeouts.requestHeader)
    process()
    flushRequests()
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard transport.context != nil else { return }
    transport.context = nil
    worker.remove(self)
    let open = streams
    (streams, streamsToFlush) = ([], [])
    for case let stream? in open { stream.wasReset() }
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !transport.isOutputClosed else { return }
    input.appendReceived(unwrapInboundIn(data))
    process()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flushRequests()
    context.fireChannelReadComplete()
  }

  private func flushRequests() {
    let streams = streamsToFlush
    streamsToFlush.removeAll(keepingCapacity: true)
    for stream in streams { stream.flushRequest() }
  }

  /// Processes received frames while the client reads the answers. Flow control does not limit answers without a body.
  private func process() {
    guard !isProcessing else { return }
    isProcessing = true
    defer { isProcessing = false }
    var isBlocked: Bool
    repeat {
      transport.prepareOutput()
      while transport.isWritable, let event = transport.state.receive(from: &input, at: worker.deadlines.now) {
        handle(event)
      }
      isBlocked = !transport.isWritable
      transport.outputChanged()
      // Sending may make the channel writable at once.
    } while isBlocked && transport.isWritable
    // TLS reuses one large read buffer, and copies all of it while there is another reference.
    if input.readableBytes == 0 { input = ByteBuffer() }
    closeIfFinished()
  }

  private func handle(_ event: HTTP2Event) {
    switch event {
    case .request(let slot, let head, let isWhole): open(slot).begin(head, isWhole: isWhole)
    case .badRequest(let slot, let fault, let method, let path): open(slot).refuse(fault, method: method, target: path)
    case .body(let slot, let bytes, let isLast):
      guard let stream = self.stream(slot) else { return }
      streamsToFlush.append(stream)
      stream.receive(bytes, isLast: isLast)
    case .trailers(let slot, let trailers):
      guard let stream = self.stream(slot) else { return }
      streamsToFlush.append(stream)
      stream.receive(trailers)
    case .reset(let slot, _):
      let stream = self.stream(slot)
      released(slot)
      stream?.wasReset()
    case .settings, .windowOpened: transport.sendWaiting()
    case .failed:
      transport.sendOutput()
      close()
    case .drained, .goAway, .response, .badResponse: break
    }
  }

  func read(context: ChannelHandlerContext) {
    isReadPaused = !context.channel.isWritable
    if !isReadPaused { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let isWritable = context.channel.isWritable
    transport.state.isOutputOpen = isWritable
    switch machine.writabilityChanged(isWritable: isWritable, unreadBytes: isWritable ? 0 : unreadBytes) {
    case .startTimeLimit: blockedDeadline = worker.responseDeadline
    case .endTimeLimit:
      blockedDeadline = .distantFuture
      transport.sendWaiting()
      for case let stream? in streams { stream.clientBecameWritable() }
      process()
      flushRequests()
      if isReadPaused { read(context: context) }
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed = event as? ChannelEvent {
      machine.inputClosed()
      closeIfFinished()
    }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: Streams

  func followGates() {
    for case let stream? in streams { stream.followGate() }
  }

  /// Nil for a free slot and once the connection has ended.
  fileprivate func stream(_ slot: Int) -> HTTP2Stream? { slot < streams.count ? streams[slot] : nil }

  private func open(_ slot: Int) -> HTTP2Stream {
    let stream = HTTP2Stream(slot, of: self)
    if slot == streams.count { streams.append(stream) } else { streams[slot] = stream }
    idleSince = nil
    if let limit = machine.streamOpened() { ownDeadline = worker.deadline(limit) }
    return stream
  }

  /// Called when a stream has ended and its slot is free.
  func released(_ slot: Int) {
    guard slot < streams.count else { return }
    streams[slot] = nil
    guard let limit = machine.streamReleased(openStreams: transport.state.openStreams) else { return }
    idleSince = worker.deadlines.now
    ownDeadline = worker.deadline(limit)
    if !isProcessing { closeIfFinished() }
  }

  // MARK: Ends

  func drain() {
    guard transport.context != nil else { return }
    switch machine.drain(openStreams: transport.state.openStreams) {
    case .none: return
    case .announceEnd: break
    case .announceEndOfIdle: ownDeadline = worker.deadline(.closing)
    }
    transport.prepareOutput()
    transport.state.announceEnd()
    transport.sendOutput()
  }

  /// Closes the connection if the last streams have ended.
  private func closeIfFinished() {
    let (isDrained, openStreams) = (transport.state.isFinished, transport.state.openStreams)
    if machine.isFinished(isDrained: isDrained, openStreams: openStreams) { linger() }
  }

  /// Closes the output, and later the rest: closing both at once could lose what the client has not read.
  private func linger() {
    guard let context = transport.context, !transport.isOutputClosed else { return }
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in self.ownDeadline = self.worker.deadline(.closing) }
    transport.closeOutput(promise: sent)
  }

  var deadline: NIODeadline {
    var deadline = min(ownDeadline, blockedDeadline)
    for case let stream? in streams { deadline = min(deadline, stream.deadline) }
    return deadline
  }

  func deadlinePassed() {
    let now = worker.deadlines.now
    for case let stream? in streams where stream.deadline <= now { stream.deadlinePassed() }
    if blockedDeadline <= now {
      switch machine.blockedDeadlinePassed(unreadBytes: unreadBytes) {
      case .none: break
      case .close: return close()
      case .startTimeLimit: blockedDeadline = worker.responseDeadline
      }
    }
    guard ownDeadline <= now else { return }
    // The client may pause in the middle of the last response.
    guard unreadBytes == 0 else { return ownDeadline = worker.deadline(.idle) }
    switch machine.deadlinePassed() {
    case .close: close()
    case .drain: drain()
    }
  }

  func close() {
    ownDeadline = .distantFuture
    transport.close()
  }

  var unreadBytes: Int { transport.unreadBytes }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    ownDeadline = .distantFuture
    transport.close(after: error)
  }
}

extension HTTP2Connection: HTTP2TransportOwner {
  func sentWaiting(of slot: Int, isEnded: Bool) {
    let stream = self.stream(slot)
    if isEnded { released(slot) } else { stream?.allDataWritten() }
  }
}
