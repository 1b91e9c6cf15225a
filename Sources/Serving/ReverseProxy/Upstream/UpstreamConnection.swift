import HTTPMessages
import NIOCore
import ServerSockets

/// An HTTP/1.1 connection to an upstream, for one exchange at a time.
final class UpstreamConnection: ChannelDuplexHandler, DeadlineObserver {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case idle
    /// The head of the response has not come.
    case head
    case body(BodyDecoder)
    case tunnel
    case closed
  }

  private let pool: UpstreamPool
  /// For an upstream with `max_conns_per_host`.
  let permit: ConnectionPermit?
  private let worker: ProxyWorker
  private var context: ChannelHandlerContext?
  private var phase = Phase.idle
  private var exchange: Exchange?
  private var isChunked = false
  private var parser: ResponseHeadParser
  private var input = ByteBuffer()
  private var isPersistent = true
  private var isReadPaused = false
  /// The connection was used before, so that the upstream may be about to close it.
  private var isReused = false
  /// The connection failed, so that its end does not complete a body.
  private var isBroken = false
  /// A part of the response was received.
  private var isAnswering = false
  private(set) var deadline = NIODeadline.distantFuture
  /// The last value from the channel; false once it is closed.
  private(set) var isWritable = false
  /// Something was written since the last flush.
  private var hasOutput = false

  init(pool: UpstreamPool, permit: ConnectionPermit?, worker: ProxyWorker) {
    (self.pool, self.permit, self.worker) = (pool, permit, worker)
    parser = ResponseHeadParser(limits: worker.settings.limits)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
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
    phase = .head
    isAnswering = false
    isPersistent = true
    isChunked = exchange.head.framing == .chunked
    // The client's deadline applies until the request is complete.
    self.deadline = exchange.isRequestOver ? deadline : .distantFuture
    write(head)
    exchange.connected(to: self)
    flush()
  }

  private func write(_ bytes: ByteBuffer) {
    hasOutput = true
    context?.write(wrapOutboundOut(bytes), promise: nil)
  }

  /// Keeps the connection open for the next exchange.
  func markIdle(until deadline: NIODeadline) {
    self.deadline = deadline
    isReused = true
  }

  func close() {
    // Closing TLS takes time: no exchange may get the connection meanwhile.
    pool.remove(self)
    phase = .closed
    context?.close(promise: nil)
  }

  // MARK: The response

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    isAnswering = true
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
    switch phase {
    case .idle:
      // Unsolicited bytes: the next exchange must not read them as its response.
      close()
      return false
    case .head:
      guard let exchange, let head = try parser.next(from: &input) else { return false }
      receive(head, for: exchange)
      return true
    case .body(var decoder):
      guard let exchange else { return false }
      let piece = try decoder.next(from: &input)
      phase = .body(decoder)
      switch piece {
      case .bytes(let bytes):
        deadline = worker.responseDeadline
        exchange.respond(bytes)
        return true
      case .end(let trailers):
        complete(exchange, trailers)
        return false
      case nil: return false
      }
    case .tunnel:
      guard let exchange, input.readableBytes > 0 else { return false }
      deadline = worker.deadline(worker.settings.timeouts.tunnel)
      let bytes = input
      input = ByteBuffer()
      exchange.respond(bytes)
      return false
    case .closed:
      input = ByteBuffer()
      return false
    }
  }

  private func receive(_ head: ResponseHead, for exchange: Exchange) {
    if head.isInterim { return exchange.respond(head) }
    if head.status == 101 {
      phase = .tunnel
      isPersistent = false
      deadline = worker.deadline(worker.settings.timeouts.tunnel)
    } else {
      let framing = head.framing(for: exchange.head.method)
      isPersistent = head.isPersistent && framing != .untilClose
      phase = .body(BodyDecoder(framing, limits: worker.settings.limits))
      deadline = worker.responseDeadline
    }
    exchange.respond(head)
  }

  private func complete(_ exchange: Exchange, _ trailers: HeadFields?) {
    self.exchange = nil
    phase = .idle
    // Bytes after the response are unsolicited.
    let isClean = isPersistent && input.readableBytes == 0
    let isFree = exchange.isRequestOver && isClean
    if isFree { pool.reuse(self) } else { close() }
    exchange.respondEnd(trailers)
  }

  // MARK: Ends

  private func end() {
    guard context != nil else { return }
    context = nil
    isWritable = false
    worker.deadlines.forget(self)
    pool.remove(self)
    let wasEndOfBody = if case .body(let decoder) = phase { decoder.endsWithConnection } else { false }
    let wasTunnel = if case .tunnel = phase { true } else { false }
    phase = .closed
    guard let exchange else { return }
    self.exchange = nil
    if wasEndOfBody && !isBroken || wasTunnel {
      exchange.respondEnd(nil)
    } else {
      exchange.upstreamLost(isReused && !isAnswering ? .onReusedConnection : .final)
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
    if exchange == nil { close() } else { fail(.timedOut) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // The exchange is ended when the channel becomes inactive.
    isBroken = true
    context.close(promise: nil)
  }
}

extension UpstreamConnection: UpstreamSide {
  func send(_ body: ByteBuffer) {
    renewDeadline()
    guard let context, isChunked else { return write(body) }
    guard body.readableBytes > 0 else { return }
    write(ChunkEncoding.prefix(length: body.readableBytes, allocator: context.channel.allocator))
    write(body)
    write(ChunkEncoding.suffix)
  }

  func sendEnd(_ trailers: HeadFields?) {
    if let context, isChunked { write(ChunkEncoding.end(trailers: trailers, allocator: context.channel.allocator)) }
    flush()
    renewDeadline()
  }

  /// The time limit for the response starts at the end of the request, however long its body takes.
  private func renewDeadline() {
    switch phase {
    case .head: if let exchange, exchange.isRequestOver { deadline = worker.deadline(exchange.responseTimeout) }
    case .body: deadline = worker.responseDeadline
    case .tunnel: deadline = worker.deadline(worker.settings.timeouts.tunnel)
    case .idle, .closed: break
    }
  }

  func flush() {
    guard hasOutput else { return }
    hasOutput = false
    context?.flush()
  }

  func resume() {
    guard isReadPaused, let context else { return }
    read(context: context)
  }

  func closeOutput() { context?.close(mode: .output, promise: nil) }

  func cancel() {
    exchange = nil
    close()
  }
}
