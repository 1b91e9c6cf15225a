import HTTPMessages
import NIOCore
import ServerSockets

/// A client's HTTP/2 connection: each of its streams is an exchange of its own (RFC 9113 §5).
final class HTTP2Connection: ChannelDuplexHandler, ServedConnection, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  let peer: ClientPeer
  let worker: ProxyWorker
  let transport: HTTP2Transport
  /// By their slots.
  private var streams: [HTTP2Stream?] = []
  /// Streams that received something of their bodies since the last flush.
  private var streamsToFlush: [HTTP2Stream] = []
  private var input = ByteBuffer()
  private var isProcessing = false
  /// It ends behind the streams that are open.
  private var isEnding = false
  private var isInputClosed = false
  private var isReadPaused = false
  /// Of the connection itself: at rest, or while it ends.
  private var ownDeadline = NIODeadline.distantFuture
  /// For the client to take something, and how much waited for it when that was set.
  private var blocked: (deadline: NIODeadline, unread: Int)?
  private(set) var idleSince: NIODeadline?

  private init(peer: ClientPeer, worker: ProxyWorker) {
    (self.peer, self.worker) = (peer, worker)
    transport = HTTP2Transport(
      HTTP2ConnectionState(.server, isSecure: peer.isSecure, bounds: HTTP2Bounds(client: worker.settings.limits)),
      flusher: worker.flusher)
    transport.owner = self
  }

  /// Has a channel speak HTTP/2; call it on the channel's event loop.
  ///
  /// - Parameter handler: the one that it follows; what was received so far is given to it.
  static func start(
    on channel: any Channel, after handler: any ChannelHandler, received: ByteBuffer = ByteBuffer(), peer: ClientPeer,
    worker: ProxyWorker
  ) throws {
    // What one turn reads is all answered, whether or not the client takes the answers.
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
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
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

  /// Takes the frames that came, as long as the client takes what they are answered with: answers without a body are held
  /// back by no flow control.
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
      // What is sent may make room at once.
    } while isBlocked && transport.isWritable
    // TLS reads into the same large buffer again, and copies all of it while somebody holds what came before.
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
    if isWritable {
      blocked = nil
      transport.sendWaiting()
      for case let stream? in streams { stream.clientBecameWritable() }
      process()
      flushRequests()
      if isReadPaused { read(context: context) }
    } else {
      blocked = (worker.responseDeadline, unreadBytes)
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // No request can come any more.
    if case .inputClosed = event as? ChannelEvent {
      (isEnding, isInputClosed) = (true, true)
      closeIfFinished()
    }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: Streams

  /// Nil once the connection has ended, too.
  func followGates() {
    for case let stream? in streams { stream.followGate() }
  }

  fileprivate func stream(_ slot: Int) -> HTTP2Stream? { slot < streams.count ? streams[slot] : nil }

  private func open(_ slot: Int) -> HTTP2Stream {
    let stream = HTTP2Stream(slot, of: self)
    if slot == streams.count { streams.append(stream) } else { streams[slot] = stream }
    idleSince = nil
    if !isEnding { ownDeadline = .distantFuture }
    return stream
  }

  /// The stream is over, and its slot free.
  func released(_ slot: Int) {
    guard slot < streams.count else { return }
    streams[slot] = nil
    guard transport.state.openStreams == 0 else { return }
    idleSince = worker.deadlines.now
    ownDeadline = worker.deadline(isEnding ? .seconds(2) : worker.settings.timeouts.idle)
    if !isProcessing { closeIfFinished() }
  }

  // MARK: Ends

  func drain() {
    guard !isEnding, transport.context != nil else { return }
    isEnding = true
    // A client that is there answers what belongs to it at once.
    if transport.state.openStreams == 0 { ownDeadline = worker.deadline(.seconds(2)) }
    transport.prepareOutput()
    transport.state.announceEnd()
    transport.sendOutput()
  }

  /// The streams that were the last ones are over.
  private func closeIfFinished() {
    guard transport.state.isFinished || isInputClosed && transport.state.openStreams == 0 else { return }
    transport.sendOutput()
    close()
  }

  var deadline: NIODeadline {
    var deadline = min(ownDeadline, blocked?.deadline ?? .distantFuture)
    for case let stream? in streams { deadline = min(deadline, stream.deadline) }
    return deadline
  }

  func deadlinePassed() {
    let now = worker.deadlines.now
    for case let stream? in streams where stream.deadline <= now { stream.deadlinePassed() }
    if let blocked, blocked.deadline <= now {
      let unread = unreadBytes
      guard unread < blocked.unread else { return close() }
      self.blocked = (worker.responseDeadline, unread)
    }
    guard ownDeadline <= now else { return }
    if isEnding { close() } else { drain() }
  }

  func close() {
    ownDeadline = .distantFuture
    transport.close()
  }

  var unreadBytes: Int { transport.unreadBytes }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }
}

extension HTTP2Connection: HTTP2TransportOwner {
  func sentWaiting(of slot: Int, isEnded: Bool) {
    let stream = self.stream(slot)
    if isEnded { released(slot) } else { stream?.clientTookAll() }
  }
}
