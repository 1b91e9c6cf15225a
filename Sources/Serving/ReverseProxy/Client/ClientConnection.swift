import HTTPMessages
import NIOCore
import ProxyTLS
import ServerSockets

/// An HTTP/1.1 connection of a client. Its exchanges follow each other in the order of the requests (RFC 9112 §9.3).
final class ClientConnection: ChannelDuplexHandler, ServedConnection, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Limit of the input that is buffered after a request in progress.
  private static let maxWaitingBytes = 64 * 1024

  let worker: ProxyWorker
  private(set) var peer: ClientPeer
  private(set) var context: ChannelHandlerContext?
  var machine = StateMachine()
  /// Start of the wait for the next request.
  private var awaitedSince: NIODeadline?
  var exchange: Exchange?
  /// Output for the next flush, after what the channel already has.
  var output = ByteBuffer()
  /// Something was written to the channel since the last flush.
  var hasWritten = false
  var unsent = UnsentOutput()
  /// The last value from the channel; false once it is closed.
  private(set) var isWritable = false
  var deadline = NIODeadline.distantFuture
  private var parser: RequestHeadParser
  private var input = ByteBuffer()
  private var isAdvancing = false
  private var isReadPaused = false
  /// It is not known yet whether the client speaks HTTP/1.1 or HTTP/2.
  private var isVersionUnknown = true

  init(peer: ClientPeer, worker: ProxyWorker) {
    (self.peer, self.worker) = (peer, worker)
    parser = RequestHeadParser(limits: worker.settings.limits)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    isWritable = context.channel.isWritable
    try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
    worker.add(self)
    awaitRequest(.requestHead)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    machine.close()
    worker.remove(self)
    context = nil
    isWritable = false
    let exchange = exchange
    self.exchange = nil
    exchange?.clientDisconnected()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let limit = machine.bytesReceived() { deadline = worker.deadline(limit) }
    receive(unwrapInboundIn(data))
    if isVersionUnknown {
      guard let isHTTP2 = startsWithHTTP2(input) else { return }
      isVersionUnknown = false
      if isHTTP2 { return startHTTP2(context, received: input) }
    }
    advance()
    // The channel reuses its read buffer once there is no other reference to it.
    if input.readableBytes == 0 { input = ByteBuffer() }
  }

  /// TLS reuses one large read buffer, and copies all of it while there is another reference: so a request head is copied
  /// to a buffer of its own.
  private func receive(_ bytes: ByteBuffer) {
    input.appendReceived(peer.isSecure && !hasInput && bytes.isSmall ? bytes.copied : bytes)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushRequest()
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
    machine.inputClosed()
    if let exchange, exchange.isQueued { return abandon(exchange) }
    advance()
    exchange?.flushRequest()
  }

  /// A client that has closed its sending side may still read, but usually it has disconnected: it leaves the queue.
  private func abandon(_ exchange: Exchange) {
    self.exchange = nil
    exchange.clientDisconnected()
    close()
  }

  /// Reads only while there is room for more input.
  func read(context: ChannelHandlerContext) {
    let isPaused =
      switch machine.readAction {
      case .read: false
      case .pause: true
      case .readIfBodyIsAccepted: exchange.map { !$0.acceptsBody } ?? false
      case .readIfThereIsRoom: input.readableBytes >= Self.maxWaitingBytes
      }
    isReadPaused = isPaused
    if !isPaused { context.read() }
  }

  func resume() {
    renewBodyDeadline()
    advance()
    exchange?.flushRequest()
    if isReadPaused, let context { read(context: context) }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isWritable = context.channel.isWritable
    switch machine.writabilityChanged(isWritable: isWritable, hasInput: hasInput) {
    case .none: break
    case .setTimeLimit(let limit): deadline = worker.deadline(limit)
    case .resume(let limit):
      awaitRequest(limit)
      resume()
    }
    if isWritable { exchange?.clientBecameWritable() }
    context.fireChannelWritabilityChanged()
  }

  /// Processes as much of the input as possible.
  func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    do { while try step() {} } catch { refuse(error) }
  }

  private func step() throws(MessageFault) -> Bool {
    switch machine.inputAction {
    case .wait: return false
    case .parseHead:
      guard hasInput, let head = try parser.next(from: &input) else { break }
      begin(head)
      return true
    case .decodeBody:
      guard let exchange, exchange.acceptsBody else { return false }
      let piece = try machine.nextPiece(of: &input)
      deadline = machine.isReceivingBody ? worker.bodyDeadline(of: exchange) : .distantFuture
      switch piece {
      case .bytes(let bytes): exchange.receive(bytes)
      case .end(let trailers): exchange.receiveEnd(trailers)
      case nil: return inputEnded()
      }
      return true
    case .forwardToTunnel:
      guard let exchange, exchange.acceptsBody else { return false }
      if hasInput {
        let bytes = input
        input = ByteBuffer()
        exchange.receive(bytes)
      }
    case .linger(let end):
      if let end, hasInput { deadline = min(end, worker.deadline(worker.settings.timeouts.lingering)) }
      input = ByteBuffer()
    case .discard: input = ByteBuffer()
    }
    return inputEnded()
  }

  /// There is no further piece in the input.
  ///
  /// - Returns: false.
  private func inputEnded() -> Bool {
    switch machine.inputEndAction {
    case .wait: break
    case .linger: linger()
    case .close: close()
    case .endTunnelInput: exchange?.tunnelInputEnded()
    }
    return false
  }

  func renewBodyDeadline() {
    if machine.isReceivingBody { deadline = worker.bodyDeadline(of: exchange) }
  }

  private func begin(_ head: RequestHead) {
    let limit = machine.begin(head, limits: worker.settings.limits, isDraining: worker.isDraining)
    deadline = worker.deadline(limit)
    let exchange = Exchange(head, peer: peer, client: self, worker: worker)
    self.exchange = exchange
    exchange.start()
  }

  /// Answers bytes that are not valid HTTP, and reads no further request.
  private func refuse(_ fault: MessageFault) {
    guard let exchange else { return refuse(.badRequest(fault)) }
    // The end of the request's body is unknown, so the connection cannot be used for another request.
    machine.closeAfterResponse()
    exchange.abort(.badRequest(fault))
  }

  private func refuseSlowClient() {
    guard let exchange else { return refuse(.clientTooSlow) }
    if exchange.isHeld { return renewBodyDeadline() }
    machine.closeAfterResponse()
    exchange.abort(exchange.acceptsBody ? .clientTooSlow : .timedOut)
  }

  /// Answers input that is no request or an incomplete one, and reads no further request.
  ///
  /// - Parameter accept: assumed value of the Accept field.
  func refuse(_ failure: ProxyFailure, accept: String? = nil) {
    let answer = LocalAnswer(failure, route: nil, accept: accept)
    worker.logRefusal(answer, to: peer)
    machine.refuse()
    send(answer.head, framing: answer.head.framing(for: .get))
    send(answer.body)
    linger()
  }

  func deadlinePassed() {
    deadline = .distantFuture
    switch machine.deadlinePassed(hasInput: hasInput) {
    case .close: close()
    case .linger: linger()
    case .refuseClient: refuseSlowClient()
    }
  }

  /// Called when the agent stops: a response in progress is the last one.
  func drain() {
    if machine.drain() == .linger { linger() }
  }

  var idleSince: NIODeadline? { machine.isAwaitingRequest ? awaitedSince : nil }

  func awaitRequest(_ limit: ClientTimeLimit) {
    awaitedSince = worker.deadlines.now
    deadline = worker.deadline(limit)
  }

  /// Called once all output was sent, so that the client can see its end.
  func startLingerTimeout() {
    let end = worker.deadline(worker.settings.timeouts.requestHeader)
    switch machine.outputSent(lingeringUntil: end) {
    case .none: break
    case .wait: deadline = min(end, worker.deadline(worker.settings.timeouts.lingering))
    case .close: close()
    }
  }

  func followGates() { exchange?.followGate() }

  func close() {
    sendOutput()
    machine.close()
    context?.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    sendOutput()
    machine.close()
    context.close(after: error)
  }

  var hasInput: Bool { input.readableBytes > 0 }

  var unreadBytes: Int { (context?.channel.unreadBytes ?? 0) + output.readableBytes }
}
