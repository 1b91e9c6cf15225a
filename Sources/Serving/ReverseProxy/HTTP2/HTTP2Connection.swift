import NIOCore
import NIOHTTP2

/// A client's HTTP/2 connection: each of its streams is an exchange of its own (RFC 9113 §5).
final class HTTP2Connection: ChannelInboundHandler, ServedConnection {
  typealias InboundIn = HTTP2Frame

  let peer: ClientPeer
  let worker: ProxyWorker
  private var context: ChannelHandlerContext?
  private var openStreams = 0
  private var isEnding = false
  private(set) var deadline = NIODeadline.distantFuture

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

  // MARK: Streams

  func opened(_ stream: HTTP2Stream) {
    openStreams += 1
    deadline = .distantFuture
  }

  func closed(_ stream: HTTP2Stream) {
    openStreams -= 1
    if openStreams == 0 { deadline = worker.deadline(isEnding ? .seconds(2) : worker.settings.timeouts.idle) }
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

  /// A malformed message ends its stream, which is done; anything else ends the connection, as the GOAWAY that was sent
  /// for it said (RFC 9113 §5.4).
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !HTTP2Bounds.isOfOneMessage(error) { close() }
  }
}
