import HTTPMessages
import NIOCore

/// An HTTP/1.1 connection of a client. Its exchanges follow each other in the order of the requests (RFC 9112 §9.3).
final class ClientConnection: ChannelDuplexHandler, ServedConnection, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    case head
    case body(BodyDecoder)
    /// The request is complete; further input belongs to the next ones.
    case response
    case tunnel
    /// The last response was sent. Input is read and dropped, so that no reset destroys the response (RFC 9112 §9.6).
    /// The time limit is set once all output is sent.
    case lingering(until: NIODeadline?)
    case closed
  }

  /// Limit of the input that is buffered after a request in progress.
  private static let maxWaitingBytes = 64 * 1024
  /// Pieces up to this size are copied and sent together with the output before and after them.
  static let maxCoalescedBytes = 4 * 1024
  static let highWater = 64 * 1024

  let worker: ProxyWorker
  private(set) var peer: ClientPeer
  private(set) var context: ChannelHandlerContext?
  private(set) var idleSince: NIODeadline?
  var phase = Phase.head { didSet { if case .head = phase {} else { idleSince = nil } } }
  var exchange: Exchange?
  /// How the response in progress is framed.
  var encoding = ResponseEncoder()
  /// Output for the next flush, after what the channel already has.
  var output = ByteBuffer()
  /// Something was written since the last flush.
  var hasOutput = false
  /// The last value from the channel; false once it is closed.
  private(set) var isWritable = false
  var deadline = NIODeadline.distantFuture
  /// A request was served and no byte of the next one has come, so that its header deadline does not apply yet.
  private var isIdle = false
  /// The client has to read earlier responses first.
  private var isBlocked = false
  private var parser: RequestHeadParser
  private var input = ByteBuffer()
  private var isAdvancing = false
  private var isReadPaused = false
  /// It is not known yet whether the client speaks HTTP/1.1 or HTTP/2.
  private var isVersionUnknown = true
  /// The client has closed its sending side and may still read (RFC 9112 §9.6).
  private var isInputClosed = false

  init(peer: ClientPeer, worker: ProxyWorker) {
    (self.peer, self.worker) = (peer, worker)
    parser = RequestHeadParser(limits: worker.settings.limits)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    isWritable = context.channel.isWritable
    try? context.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
    worker.add(self)
    idleSince = worker.deadlines.now
    deadline = worker.deadline(worker.settings.timeouts.requestHeader)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    phase = .closed
    worker.remove(self)
    context = nil
    isWritable = false
    let exchange = exchange
    self.exchange = nil
    exchange?.clientDisconnected()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if case .head = phase, isIdle {
      isIdle = false
      deadline = worker.deadline(worker.settings.timeouts.requestHeader)
    }
    receive(&bytes)
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
  private func receive(_ bytes: inout ByteBuffer) {
    if input.readableBytes > 0 {
      input.writeBuffer(&bytes)
    } else if peer.isSecure, bytes.readableBytes <= Self.maxCoalescedBytes {
      input = ByteBuffer(bytes: bytes.readableBytesView)
    } else {
      input = bytes
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushRequest()
    context.fireChannelReadComplete()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
    isInputClosed = true
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
    let isPaused: Bool
    switch phase {
    case .head: isPaused = isBlocked
    case .lingering: isPaused = false
    case .body, .tunnel: isPaused = exchange.map { !$0.takesBody } ?? false
    case .response: isPaused = input.readableBytes >= Self.maxWaitingBytes
    case .closed: isPaused = true
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
    switch phase {
    case .response: deadline = isWritable ? .distantFuture : worker.responseDeadline
    case .head where isWritable && isBlocked:
      awaitNextRequest()
      resume()
    default: break
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
    switch phase {
    case .head:
      guard !isBlocked else { return false }
      guard input.readableBytes > 0, let head = try parser.next(from: &input) else {
        if isInputClosed { linger() }
        return false
      }
      begin(head)
      return true
    case .body(var decoder):
      guard let exchange, exchange.takesBody else { return false }
      let piece = try decoder.next(from: &input)
      deadline = bodyDeadline
      switch piece {
      case .bytes(let bytes):
        phase = .body(decoder)
        exchange.receive(bytes)
      case .end(let trailers):
        phase = .response
        deadline = .distantFuture
        exchange.receiveEnd(trailers)
      case nil:
        phase = .body(decoder)
        // The client closed its sending side in the middle of the request.
        if isInputClosed { close() }
        return false
      }
      return true
    case .tunnel:
      guard let exchange, exchange.takesBody else { return false }
      if input.readableBytes > 0 {
        let bytes = input
        input = ByteBuffer()
        exchange.receive(bytes)
      }
      if isInputClosed { exchange.tunnelInputEnded() }
      return false
    case .lingering(let end):
      if isInputClosed, end != nil { close() }
      if let end, input.readableBytes > 0 { deadline = min(end, worker.deadline(worker.settings.timeouts.lingering)) }
      input = ByteBuffer()
      return false
    case .closed:
      input = ByteBuffer()
      return false
    case .response: return false
    }
  }

  /// Deadline for more of the request's body. Once a response has begun, it may depend on what the client sends hours
  /// later. In a queue the client is not the slow side, and the queue has its own time limit.
  private var bodyDeadline: NIODeadline {
    if exchange?.isQueued == true { return .distantFuture }
    return exchange?.hasBegunResponse == true
      ? worker.responseDeadline : worker.deadline(worker.settings.timeouts.idle)
  }

  func renewBodyDeadline() {
    if case .body = phase { deadline = bodyDeadline }
  }

  private func begin(_ head: RequestHead) {
    isIdle = false
    if head.framing == .none {
      phase = .response
      deadline = .distantFuture
    } else {
      phase = .body(BodyDecoder(head.framing, limits: worker.settings.limits))
      deadline = worker.deadline(worker.settings.timeouts.idle)
    }
    encoding = ResponseEncoder(isChunked: false, closes: !head.isPersistent || worker.isDraining)
    let exchange = Exchange(head, peer: peer, client: self, worker: worker)
    self.exchange = exchange
    exchange.start()
  }

  /// Answers bytes that are not valid HTTP, and reads no further request.
  private func refuse(_ fault: MessageFault) {
    guard let exchange else { return refuse(.badRequest(fault)) }
    // The end of the request's body is unknown, so the connection cannot be used for another request.
    encoding.closes = true
    exchange.abort(.badRequest(fault))
  }

  private func refuseSlowClient() {
    guard let exchange else { return refuse(.clientTooSlow) }
    if exchange.isWaitingForGuest { return renewBodyDeadline() }
    encoding.closes = true
    exchange.abort(exchange.takesBody ? .clientTooSlow : .timedOut)
  }

  /// Answers input that is no request or an incomplete one, and reads no further request.
  ///
  /// - Parameter accept: assumed value of the Accept field.
  func refuse(_ failure: ProxyFailure, accept: String? = nil) {
    let answer = LocalAnswer(failure, route: nil, accept: accept)
    worker.logRefusal(answer, to: peer)
    encoding = ResponseEncoder(isChunked: false, closes: true)
    phase = .response
    send(answer.head, framing: answer.head.framing(for: .get))
    send(answer.body)
    linger()
  }

  func deadlinePassed() {
    deadline = .distantFuture
    switch phase {
    case .head where isBlocked: close()
    case .head where input.readableBytes > 0: refuseSlowClient()
    case .head: linger()
    case .lingering, .closed, .response, .tunnel: close()
    case .body: refuseSlowClient()
    }
  }

  /// Called when the agent stops: a response in progress is the last one.
  func drain() {
    if case .head = phase { linger() } else { encoding.closes = true }
  }

  /// Starts no further request while the client does not read earlier responses, which would pile up.
  func awaitNextRequest() {
    phase = .head
    idleSince = worker.deadlines.now
    isBlocked = !isWritable
    isIdle = input.readableBytes == 0
    let timeouts = worker.settings.timeouts
    // For a paused download: the client has to read the rest of it.
    deadline =
      isBlocked ? worker.responseDeadline : worker.deadline(isIdle ? timeouts.idle : timeouts.requestHeader)
  }

  /// Called once all output was sent, so that the client can see its end.
  func startLingerTimeout() {
    guard case .lingering = phase else { return }
    if isInputClosed { return close() }
    let end = worker.deadline(worker.settings.timeouts.requestHeader)
    phase = .lingering(until: end)
    deadline = min(end, worker.deadline(worker.settings.timeouts.lingering))
  }

  func followGates() { exchange?.followGate() }

  func close() {
    phase = .closed
    context?.close(promise: nil)
  }

  var unreadBytes: Int { (context?.channel.unreadBytes ?? 0) + output.readableBytes }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }
}
