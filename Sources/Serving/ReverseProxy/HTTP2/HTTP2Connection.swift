import NIOCore
import NIOHTTP2
import ServerSockets

/// A client's HTTP/2 connection: each of its streams is an exchange of its own (RFC 9113 §5).
final class HTTP2Connection: ChannelDuplexHandler, ServedConnection {
  typealias InboundIn = HTTP2Frame
  typealias OutboundIn = Never

  let peer: ClientPeer
  let worker: ProxyWorker
  private var context: ChannelHandlerContext?
  private var openStreams = 0
  private var isEnding = false
  private var isReadHeldBack = false
  private(set) var deadline = NIODeadline.distantFuture
  private(set) var restingSince: NIODeadline?

  private init(peer: ClientPeer, worker: ProxyWorker) { (self.peer, self.worker) = (peer, worker) }

  /// Has a channel speak HTTP/2; call it on the channel's event loop.
  static func start(on channel: any Channel, peer: ClientPeer, worker: ProxyWorker) throws {
    let connection = HTTP2Connection(peer: peer, worker: worker)
    let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
    let bounds = HTTP2Bounds(worker.settings.limits)
    // Says GOAWAY as RFC 9113 §6.8 asks, and closes behind the last stream.
    let farewell = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: channel.eventLoop,
      configuration: .init(maxIdleTime: nil, maxAge: nil, maxGraceTime: nil, keepalive: nil))
    // What one turn reads is all answered, whether or not the client takes the answers.
    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
    try channel.syncOptions?.setOption(.recvAllocator, value: ReceiveBuffer())
    let operations = channel.pipeline.syncOperations
    _ = try operations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: bounds.connection, streamConfiguration: bounds.stream,
      streamDelegate: farewell.http2StreamDelegate
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandler(HTTP2Stream(connection: bound.value))
      }
    }
    try operations.addHandlers(farewell, connection)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    worker.add(self)
    restingSince = worker.deadlines.now
    deadline = worker.deadline(worker.settings.timeouts.requestHeader)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard context != nil else { return }
    context = nil
    worker.remove(self)
  }

  /// Frames of the connection itself; all of them are answered below this handler.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

  /// No further frame is read while the client does not read what it was sent: answers without a body are held back by
  /// no flow control.
  func read(context: ChannelHandlerContext) {
    isReadHeldBack = !context.channel.isWritable
    if !isReadHeldBack { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if isReadHeldBack, context.channel.isWritable { read(context: context) }
    context.fireChannelWritabilityChanged()
  }

  // MARK: Streams

  func opened(_ stream: HTTP2Stream) {
    openStreams += 1
    restingSince = nil
    deadline = .distantFuture
  }

  func closed(_ stream: HTTP2Stream) {
    openStreams -= 1
    guard openStreams == 0 else { return }
    restingSince = worker.deadlines.now
    deadline = worker.deadline(isEnding ? .seconds(2) : worker.settings.timeouts.idle)
  }

  // MARK: Ends

  func drain() {
    guard !isEnding, let context else { return }
    isEnding = true
    // A client that is there answers what belongs to it at once.
    if openStreams == 0 { deadline = worker.deadline(.seconds(2)) }
    context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
  }

  func deadlinePassed() {
    if isEnding { close() } else { drain() }
  }

  func close() {
    deadline = .distantFuture
    context?.close(promise: nil)
  }

  var unreadBytes: Int { context?.channel.unreadBytes ?? 0 }

  /// A malformed message ends its stream, which is done; anything else ends the connection, as the GOAWAY that was sent
  /// for it said (RFC 9113 §5.4).
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !HTTP2Bounds.isOfOneMessage(error) { close() }
  }
}
