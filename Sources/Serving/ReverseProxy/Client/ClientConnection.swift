import HTTPMessages
import NIOCore

/// An HTTP/1.1 connection of a client: one exchange after the other, in the order of their requests (RFC 9112 §9.3).
final class ClientConnection: ChannelDuplexHandler, ServedConnection, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum Phase {
    case head
    case body(BodyDecoder)
    /// The request is there; what comes now are the next ones.
    case response
    case tunnel
    /// The last response was sent; what still comes is read, so that it is not lost (RFC 9112 §9.6). The bound is
    /// set once all is sent.
    case lingering(until: NIODeadline?)
    case closed
  }

  /// What may wait unread behind a request in progress.
  private static let maxWaitingBytes = 64 * 1024
  /// What is copied, to be sent together with what stands before and behind it.
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
  /// What is sent with the next flush, behind what the channel has already.
  var output = ByteBuffer()
  /// Something was written since the last flush.
  var hasOutput = false
  /// As the channel said last; false once it is closed.
  private(set) var isWritable = false
  var deadline = NIODeadline.distantFuture
  /// Served before, and no byte of another request has come: the deadline is not yet that of its head.
  private var isIdle = false
  /// The responses so far wait for the client to read.
  private var isBlocked = false
  private var parser: RequestHeadParser
  private var input = ByteBuffer()
  private var isAdvancing = false
  private var isReadPaused = false
  /// Which version of HTTP the client speaks is not known yet.
  private var isVersionUnknown = true
  /// The client sends no more, and may still read (RFC 9112 §9.6).
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
    // The channel reads into the same memory again, once nobody holds it.
    if input.readableBytes == 0 { input = ByteBuffer() }
  }

  /// TLS reads into the same large buffer again, and copies all of it while somebody holds what came before: so a request
  /// head gets memory of its own.
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

  /// A client that sends no more may still read, but mostly it is gone: a place in a queue is not kept for it.
  private func abandon(_ exchange: Exchange) {
    self.exchange = nil
    exchange.clientDisconnected()
    close()
  }

  /// Reads on only while there is room for what comes.
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

  /// Takes as much of the input as can be taken now.
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
        // It ended in the middle of its request.
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

  /// For the client to send on: a response that has begun may depend on what it sends hours later.
  /// In a queue, it is not the client who is slow, and the time there is bounded.
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

  /// The bytes are no HTTP that we may guess about: told, and no further one is read.
  private func refuse(_ fault: MessageFault) {
    guard let exchange else { return refuse(.badRequest(fault)) }
    // Where a request's body cannot be read to its end, no response to it can be trusted to come.
    encoding.closes = true
    exchange.abort(.badRequest(fault))
  }

  private func refuseSlowClient() {
    guard let exchange else { return refuse(.clientTooSlow) }
    if exchange.isWaitingForGuest { return renewBodyDeadline() }
    encoding.closes = true
    exchange.abort(exchange.takesBody ? .clientTooSlow : .timedOut)
  }

  /// Answers what is no request, or not the whole of one, and reads no further one.
  ///
  /// - Parameter accept: what the client would have asked for.
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

  /// The agent stops: the response in progress, if there is one, is the last.
  func drain() {
    if case .head = phase { linger() } else { encoding.closes = true }
  }

  /// No further request is begun while the client does not read the responses before it: they would pile up.
  func awaitNextRequest() {
    phase = .head
    idleSince = worker.deadlines.now
    isBlocked = !isWritable
    isIdle = input.readableBytes == 0
    let timeouts = worker.settings.timeouts
    // A paused download waits for the client to take the rest of it.
    deadline =
      isBlocked ? worker.responseDeadline : worker.deadline(isIdle ? timeouts.idle : timeouts.requestHeader)
  }

  /// The end was sent: from now on the client can see it.
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
