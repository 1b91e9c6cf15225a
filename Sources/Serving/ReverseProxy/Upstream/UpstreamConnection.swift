import HTTPMessages
import NIOCore
import ServerSockets

/// An HTTP/1.1 connection to an upstream, for one exchange at a time.
final class UpstreamConnection: ChannelDuplexHandler, DeadlineObserver {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let pool: UpstreamPool
  /// For an upstream with `max_conns_per_host`.
  let permit: ConnectionPermit?
  private let worker: ProxyWorker
  private var context: ChannelHandlerContext?
  private var machine = StateMachine()
  private var exchange: Exchange?
  private var isChunked = false
  private var parser: ResponseHeadParser
  private var input = ByteBuffer()
  private var isReadPaused = false
  private(set) var deadline = NIODeadline.distantFuture
  /// The last value from the channel; false once it is closed.
  private(set) var isWritable = false
  private let output = CollectedOutput()

  init(pool: UpstreamPool, permit: ConnectionPermit?, worker: ProxyWorker) {
    (self.pool, self.permit, self.worker) = (pool, permit, worker)
    parser = ResponseHeadParser(limits: worker.settings.limits)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    output.context = context
    isWritable = context.channel.isWritable
    worker.deadlines.watch(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  // MARK: The request

  /// Sends the head of a request and serves its exchange until the response is complete.
  func serve(_ exchange: Exchange, head: ByteBuffer, until deadline: NIODeadline) {
    self.exchange = exchange
    machine.serve()
    isChunked = exchange.head.framing == .chunked
    // The client's deadline applies until the request is complete.
    self.deadline = exchange.isRequestOver ? deadline : .distantFuture
    write(head)
    exchange.connected(to: self)
    flush()
  }

  private func write(_ bytes: ByteBuffer) { output.write(wrapOutboundOut(bytes)) }

  /// Keeps the connection open for the next exchange.
  func markIdle(until deadline: NIODeadline) { self.deadline = deadline }

  func close() {
    // Closing TLS takes time: no exchange may get the connection meanwhile.
    pool.remove(self)
    machine.close()
    output.send()
    context?.close(promise: nil)
  }

  // MARK: The response

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    input.appendReceived(unwrapInboundIn(data))
    machine.bytesReceived()
    do { while try step() {} } catch { fail(ProxyFailure(response: error)) }
    // The channel reuses its read buffer once there is no other reference to it.
    if input.readableBytes == 0 { input = ByteBuffer() }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushResponse()
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    isReadPaused = exchange.map { !$0.isClientWritable } ?? false
    if !isReadPaused { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isWritable = context.channel.isWritable
    if isWritable { exchange?.client?.resume() }
    context.fireChannelWritabilityChanged()
  }

  private func step() throws(MessageFault) -> Bool {
    switch machine.inputAction {
    case .close: close()
    case .parseHead:
      guard let exchange, let head = try parser.next(from: &input) else { return false }
      let limit = machine.receive(head, for: exchange.head.method, limits: worker.settings.limits)
      if let limit { deadline = worker.deadline(limit, of: exchange) }
      exchange.respond(head)
      return true
    case .decodeBody:
      guard let exchange, let piece = try machine.nextPiece(of: &input) else { return false }
      return respond(piece, exchange)
    case .forwardToTunnel:
      guard let exchange, input.readableBytes > 0 else { return false }
      deadline = worker.deadline(.tunnel, of: exchange)
      let bytes = input
      input = ByteBuffer()
      exchange.respond(bytes)
    case .discard: input = ByteBuffer()
    }
    return false
  }

  /// - Returns: whether more of the response may follow.
  private func respond(_ piece: BodyDecoder.Piece, _ exchange: Exchange) -> Bool {
    switch piece {
    case .bytes(let bytes):
      deadline = worker.responseDeadline
      exchange.respond(bytes)
      return true
    case .end(let trailers):
      self.exchange = nil
      switch machine.complete(isRequestOver: exchange.isRequestOver, hasInput: input.readableBytes > 0) {
      case .reuse: pool.reuse(self)
      case .close: close()
      }
      exchange.respondEnd(trailers)
      return false
    }
  }

  // MARK: Ends

  private func end() {
    guard context != nil else { return }
    context = nil
    output.context = nil
    isWritable = false
    worker.deadlines.forget(self)
    pool.remove(self)
    let action = machine.disconnected()
    let exchange = exchange
    self.exchange = nil
    switch action {
    case .none: break
    case .completeResponse: exchange?.respondEnd(nil)
    case .loseExchange(let loss): exchange?.upstreamLost(loss)
    }
  }

  private func fail(_ failure: ProxyFailure) {
    let exchange = exchange
    self.exchange = nil
    close()
    exchange?.fail(failure)
  }

  func deadlinePassed() {
    deadline = .distantFuture
    if machine.isServing { fail(.timedOut) } else { close() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The exchange is ended when the channel becomes inactive.
    machine.connectionFailed()
    context.close(promise: nil)
  }
}

extension UpstreamConnection: UpstreamSide {
  func send(_ body: ByteBuffer) {
    renewDeadline()
    guard isChunked else { return body.isSmall ? output.collect(body) : write(body) }
    guard body.readableBytes > 0 else { return }
    output.collect(ChunkEncoding.prefix(length: body.readableBytes, allocator: ByteBufferAllocator()))
    if body.isSmall { output.collect(body) } else { write(body) }
    output.collect(ChunkEncoding.suffix)
  }

  func sendEnd(_ trailers: HeadFields?) {
    if isChunked { output.collect(ChunkEncoding.end(trailers: trailers, allocator: ByteBufferAllocator())) }
    flush()
    renewDeadline()
  }

  private func renewDeadline() {
    guard let exchange, let limit = machine.timeLimit(isRequestOver: exchange.isRequestOver) else { return }
    deadline = worker.deadline(limit, of: exchange)
  }

  func flush() { output.flush() }

  func resume() {
    guard isReadPaused, let context else { return }
    read(context: context)
  }

  func closeOutput() {
    output.send()
    context?.closeAfterWrites(.output)
  }

  func cancel() {
    exchange = nil
    close()
  }
}
