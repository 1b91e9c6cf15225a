import HTTPMessages
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One exchange on an HTTP/2 connection to an upstream.
final class HTTP2UpstreamStream: ChannelDuplexHandler, Perishable {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundIn = Never
  typealias OutboundOut = HTTP2Frame.FramePayload

  private enum Phase { case head, body, closed }

  private let connection: HTTP2UpstreamConnection
  private let worker: ProxyWorker
  private var context: ChannelHandlerContext?
  private var phase = Phase.head
  private var exchange: Exchange?
  /// The connection served before: the upstream may have been about to close it.
  private let isReused: Bool
  /// Something of the response came.
  private var isAnswering = false
  /// How much of the body the response's head still promises; nil where it does not say.
  private var promised: UInt64?
  private var isReadHeldBack = false
  /// Why the upstream ended the stream early.
  private var reason: HTTP2ErrorCode?
  private(set) var deadline = NIODeadline.distantFuture

  init(_ exchange: Exchange, connection: HTTP2UpstreamConnection, worker: ProxyWorker, isReused: Bool) {
    (self.exchange, self.connection, self.worker, self.isReused) = (exchange, connection, worker, isReused)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    worker.deadlines.watch(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  // MARK: The request

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    guard let exchange else { return }
    do { begin(try HPACKHeaders(exchange, settings: worker.settings), for: exchange) } catch {
      self.exchange = nil
      context.close(promise: nil)
      exchange.fail(.badRequest(error))
    }
  }

  private func begin(_ headers: HPACKHeaders, for exchange: Exchange) {
    // While the request is still coming, the client's deadline holds.
    deadline = exchange.isRequestOver ? worker.deadline(exchange.responseTimeout) : .distantFuture
    let sent = worker.eventLoop.makePromise(of: Void.self)
    // A GOAWAY came before.
    sent.futureResult.assumeIsolated().whenFailure { _ in self.wasNotSent() }
    context?.write(
      wrapOutboundOut(.headers(.init(headers: headers, endStream: exchange.isRequestOver))), promise: sent)
    exchange.connected(to: self)
    context?.flush()
  }

  private func wasNotSent() {
    reason = .refusedStream
    context?.close(promise: nil)
  }

  // MARK: The response

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let exchange else { return }
    do {
      switch (unwrapInboundIn(data), phase) {
      case (.headers(let head), .head): try take(head, for: exchange)
      case (.headers(let trailers), .body):
        // What cannot be passed on is no reason to lose the response.
        complete(exchange, try? HeadFields(trailers.headers, limits: worker.settings.limits))
      case (.data(let data), .body): take(data, for: exchange)
      default: break
      }
    } catch { giveUp(ProxyFailure(response: error)) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    exchange?.flushResponse()
    context.fireChannelReadComplete()
  }

  /// Reads on only while there is room for what comes: the stream's window stays shut for the rest.
  func read(context: ChannelHandlerContext) {
    isReadHeldBack = exchange.map { !$0.isClientWritable } ?? false
    if !isReadHeldBack { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { exchange?.client?.resume() }
    context.fireChannelWritabilityChanged()
  }

  private func take(_ headers: HTTP2Frame.FramePayload.Headers, for exchange: Exchange) throws(MessageFault) {
    isAnswering = true
    let head = try ResponseHead(
      headers.headers, isEmpty: headers.endStream && exchange.head.method != .head, limits: worker.settings.limits)
    if head.isInterim { return exchange.respond(head) }
    promised = head.framing(for: exchange.head.method).length
    phase = .body
    deadline = worker.deadline(worker.settings.timeouts.idle)
    exchange.respond(head)
    if headers.endStream, self.exchange != nil { complete(exchange, nil) }
  }

  private func take(_ data: HTTP2Frame.FramePayload.Data, for exchange: Exchange) {
    guard case .byteBuffer(let bytes) = data.data else { return }
    deadline = worker.deadline(worker.settings.timeouts.idle)
    if bytes.readableBytes > 0 {
      if let promised {
        guard promised >= bytes.readableBytes else { return giveUp(.badResponse("its body is longer than it said")) }
        self.promised = promised - UInt64(bytes.readableBytes)
      }
      exchange.respond(bytes)
    }
    if data.endStream { complete(exchange, nil) }
  }

  private func complete(_ exchange: Exchange, _ trailers: HeadFields?) {
    guard promised ?? 0 == 0 else { return giveUp(.connectionLost) }
    self.exchange = nil
    phase = .closed
    // For the upstream to take what is left of the request, if it still does.
    if exchange.isRequestOver { deadline = worker.deadline(worker.settings.timeouts.idle) } else { reset() }
    exchange.respondEnd(trailers)
  }

  // MARK: Ends

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What it means for the exchange is told when the channel is inactive.
    if let closed = error as? NIOHTTP2Errors.StreamClosed { reason = closed.errorCode } else { reset() }
  }

  private func end() {
    guard let context else { return }
    let number = try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
    self.context = nil
    phase = .closed
    worker.deadlines.forget(self)
    let exchange = exchange
    self.exchange = nil
    connection.closedStream()
    // RFC 9113 §8.7
    let isUnprocessed = reason == .refusedStream || number.map(connection.hasIgnored) ?? true
    if isUnprocessed, !isAnswering {
      exchange?.upstreamDiedUnused(.connectionLost, isUnprocessed: true)
    } else if isReused, !isAnswering, reason == nil {
      exchange?.upstreamDiedUnused(.connectionLost)
    } else {
      exchange?.fail(.connectionLost)
    }
  }

  func deadlinePassed() {
    deadline = .distantFuture
    // If the upstream's machine has gone silently, the next exchange must not hang on the same connection.
    connection.retire()
    giveUp(.timedOut)
  }

  private func giveUp(_ failure: ProxyFailure) {
    let exchange = exchange
    cancel()
    exchange?.fail(failure)
  }

  private func reset() {
    phase = .closed
    write(.rstStream(.cancel))
    context?.flush()
    // One that waits in line for its turn is not on the wire yet.
    context?.close(promise: nil)
  }

  private func write(_ payload: HTTP2Frame.FramePayload) { context?.write(wrapOutboundOut(payload), promise: nil) }
}

extension HTTP2UpstreamStream: UpstreamSide {
  var isWritable: Bool { context?.channel.isWritable ?? false }

  func send(_ body: ByteBuffer) {
    renewDeadline()
    if body.readableBytes > 0 { write(.data(.init(data: .byteBuffer(body)))) }
  }

  func sendEnd(_ trailers: HeadFields?) {
    let trailers = trailers.map { HPACKHeaders(trailers: $0) }
    if let trailers, !trailers.isEmpty {
      write(.headers(.init(headers: trailers, endStream: true)))
    } else {
      write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
    }
    context?.flush()
    renewDeadline()
  }

  /// The time of the response begins behind the request, whose body takes what it takes.
  private func renewDeadline() {
    switch phase {
    case .head: if let exchange, exchange.isRequestOver { deadline = worker.deadline(exchange.responseTimeout) }
    case .body: deadline = worker.deadline(worker.settings.timeouts.idle)
    case .closed: break
    }
  }

  func flush() { context?.flush() }

  func resume() {
    guard isReadHeldBack, let context else { return }
    read(context: context)
  }

  func cancel() {
    exchange = nil
    reset()
  }
}

extension HPACKHeaders {
  /// The head of the request that an upstream gets.
  fileprivate init(_ exchange: Exchange, settings: ProxySettings) throws(MessageFault) {
    let encoder = RequestEncoder(for: exchange, by: settings)
    // The client's fields were counted when they came; these are the proxy's too.
    var limits = MessageLimits()
    (limits.headBytes, limits.fieldCount) = (MessageLimits.mostHeadBytes, .max)
    let head = try RequestHead(encoder.encode(exchange.head, allocator: ByteBufferAllocator()), limits: limits)
    self.init(head, takesTrailers: exchange.head.takesTrailers)
  }
}

extension RequestHead {
  /// RFC 9110 §10.1.4
  fileprivate var takesTrailers: Bool {
    guard let list = fields.list(of: .te) else { return false }
    return list.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }.contains {
      $0.prefix { $0 != ";" } == "trailers"
    }
  }
}

extension BodyFraming {
  /// Nil where the head does not tell.
  fileprivate var length: UInt64? {
    switch self {
    case .none: 0
    case .length(let length): length
    case .chunked, .untilClose: nil
    }
  }
}
