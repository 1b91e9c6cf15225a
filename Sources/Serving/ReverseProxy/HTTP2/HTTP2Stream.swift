import HTTPMessages
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request of an HTTP/2 connection, with its response.
final class HTTP2Stream: ChannelDuplexHandler, Perishable {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundIn = Never
  typealias OutboundOut = HTTP2Frame.FramePayload

  private enum Phase { case head, body, response, closed }
  private enum Piece {
    case bytes(ByteBuffer)
    case end(HeadFields?)
  }

  private let connection: HTTP2Connection
  let worker: ProxyWorker
  private(set) var context: ChannelHandlerContext?
  private var phase = Phase.head
  private var exchange: Exchange?
  /// Of the body, while the exchange takes none; bounded by the flow control of the stream.
  private var waiting = CircularBuffer<Piece>()
  /// The head of a response without a body: it is sent as the end of the stream, too.
  var lastHead: ResponseHead?
  private var isAdvancing = false
  private var isReadHeldBack = false
  private(set) var deadline = NIODeadline.distantFuture

  init(connection: HTTP2Connection) { (self.connection, worker) = (connection, connection.worker) }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    connection.opened(self)
    worker.deadlines.watch(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard context != nil else { return }
    context = nil
    phase = .closed
    worker.deadlines.forget(self)
    connection.closed(self)
    let exchange = exchange
    self.exchange = nil
    exchange?.clientIsGone()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let headers) where phase == .head: begin(headers)
    case .headers(let trailers): take(trailers)
    case .data(let data): take(data)
    default: break
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushRequest()
    context.fireChannelReadComplete()
  }

  /// Reads on only while there is room for what comes: the stream's window stays shut for the rest.
  func read(context: ChannelHandlerContext) {
    isReadHeldBack = phase == .body && !(waiting.isEmpty && exchange?.takesBody == true)
    if !isReadHeldBack { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    let isWritable = context.channel.isWritable
    if phase == .response { deadline = isWritable ? .distantFuture : worker.deadline(worker.settings.timeouts.idle) }
    if isWritable { exchange?.clientIsWritable() }
    context.fireChannelWritabilityChanged()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func begin(_ headers: HTTP2Frame.FramePayload.Headers) {
    phase = headers.endStream ? .response : .body
    do {
      let head = try RequestHead(headers.headers, hasBody: !headers.endStream, limits: worker.settings.limits)
      phase = head.framing == .none ? .response : .body
      if phase == .body { deadline = worker.deadline(worker.settings.timeouts.idle) }
      let exchange = Exchange(
        head, peer: connection.peer, client: self, protocolName: "HTTP/2.0", worker: worker)
      self.exchange = exchange
      exchange.start()
    } catch { refuse(headers.headers, error) }
  }

  private func take(_ data: HTTP2Frame.FramePayload.Data) {
    guard phase == .body, case .byteBuffer(let bytes) = data.data else { return }
    if bytes.readableBytes > 0 { waiting.append(.bytes(bytes)) }
    if data.endStream { waiting.append(.end(nil)) }
    advance()
  }

  private func take(_ trailers: HTTP2Frame.FramePayload.Headers) {
    guard phase == .body else { return }
    // What cannot be passed on is no reason to lose the request.
    waiting.append(.end(try? HeadFields(trailers.headers, limits: worker.settings.limits)))
    advance()
  }

  /// Hands on as much of the body as is taken now.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    while phase == .body, let exchange, exchange.takesBody, let piece = waiting.popFirst() {
      deadline = worker.deadline(worker.settings.timeouts.idle)
      switch piece {
      case .bytes(let bytes): exchange.receive(bytes)
      case .end(let trailers):
        phase = .response
        deadline = .distantFuture
        exchange.receiveEnd(trailers)
      }
    }
  }

  private func refuse(_ headers: HPACKHeaders, _ fault: MessageFault) {
    let failure = ProxyFailure.badRequest(fault)
    let answer = LocalAnswer(failure, route: nil, accept: nil)
    // What is too large to be read is too large for a log.
    let line = failure.status == 431 ? HPACKHeaders() : headers
    worker.logRefusal(
      answer, to: connection.peer, method: line.first(name: ":method"), target: line.first(name: ":path"),
      version: "HTTP/2.0")
    send(answer.head, framing: answer.head.framing(for: .get))
    send(answer.body)
    sendEnd(nil)
  }

  /// The client sends its body too slowly, or takes nothing of the response.
  func deadlinePassed() {
    deadline = .distantFuture
    guard phase == .body, let exchange else { return cancel() }
    exchange.giveUp(exchange.takesBody ? .clientTooSlow : .timedOut)
  }

  private func cancel() {
    let exchange = exchange
    self.exchange = nil
    exchange?.clientIsGone()
    write(.rstStream(.cancel))
    context?.flush()
  }
}

extension HTTP2Stream {
  /// Goes on with what was held back.
  func resume() {
    advance()
    exchange?.flushRequest()
    if isReadHeldBack, let context { read(context: context) }
  }

  /// The exchange is over, and this the last of its response.
  func finish(_ last: HTTP2Frame.FramePayload) {
    let isRequestOver = phase == .response
    settle()
    // A client that is still sending its request may stop (RFC 9113 §8.1), once it has the response: a reset overtakes
    // what flow control holds back.
    write(last)?.assumeIsolated().whenSuccess { [self] in
      guard !isRequestOver else { return }
      write(.rstStream(.noError))
      context?.flush()
    }
    context?.flush()
  }

  /// The response cannot be completed.
  func abort() {
    settle()
    write(.rstStream(.internalError))
    context?.flush()
  }

  private func settle() {
    exchange = nil
    phase = .closed
    waiting.removeAll()
    // For the client to take what is left.
    deadline = worker.deadline(worker.settings.timeouts.idle)
  }

  /// What is refused below, as no message of HTTP/2, ends the stream.
  @discardableResult
  func write(_ payload: HTTP2Frame.FramePayload) -> EventLoopFuture<Void>? {
    guard let context else { return nil }
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.assumeIsolated().whenFailure { _ in self.context?.close(promise: nil) }
    context.write(wrapOutboundOut(payload), promise: written)
    return written.futureResult
  }
}
