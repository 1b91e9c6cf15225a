import ControlAPI
import HTTPMessages
import NIOCore

/// A client's connection: one request after the other, each begun once the answer before it was written (RFC 9112 §9.3).
final class ControlConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case head
    /// The body means nothing to any endpoint; so many bytes of it are still read.
    case body(RequestHead, BodyDecoder, left: Int)
    case answering
    case closed
  }

  private static let mostBodyBytes = 1 << 20
  /// What may wait behind a request that is being answered.
  private static let mostWaitingBytes = 16 * 1024

  private let connections: ControlConnections
  private var context: ChannelHandlerContext?
  private var phase = Phase.head
  private var parser = RequestHeadParser(limits: MessageLimits())
  private var input = ByteBuffer()
  private var encoding = ResponseEncoding()
  /// The client sends nothing more.
  private var hasEnded = false
  private var isReadHeldBack = false
  private var timer: Scheduled<Void>?
  /// Since when no request was under way; nil while one is.
  private(set) var restingSince: NIODeadline?

  init(_ connections: ControlConnections) { self.connections = connections }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelActive(context: ChannelHandlerContext) {
    guard connections.add(self) else { return close() }
    rest()
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    phase = .closed
    context = nil
    timer?.cancel()
    connections.remove(self)
  }

  func close() {
    phase = .closed
    context?.close(promise: nil)
  }

  /// The agent stops: an answer that is under way is the last.
  func drain() {
    encoding.closes = true
    if restingSince != nil { close() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    if restingSince != nil { awaitRequest() }
    advance()
  }

  func read(context: ChannelHandlerContext) {
    switch phase {
    case .head, .body: isReadHeldBack = false
    case .answering: isReadHeldBack = input.readableBytes >= Self.mostWaitingBytes
    case .closed: isReadHeldBack = true
    }
    if !isReadHeldBack { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
    hasEnded = true
    closeIfNothingComes()
  }

  /// Whoever sends nothing more still gets the answers to what was asked.
  private func closeIfNothingComes() {
    switch phase {
    case .head where hasEnded, .body where hasEnded: close()
    default: break
    }
  }

  private func rest() {
    phase = .head
    restingSince = .now()
    setTimer(connections.timeouts.rest) { $0.close() }
  }

  /// One time for head and body together: they are as slow as they are, not as their last byte was.
  private func awaitRequest() {
    restingSince = nil
    let limit = connections.timeouts.request
    setTimer(limit) { $0.refuse(.requestTimeout(limit)) }
  }

  private func advance() {
    do { while try step() {} } catch { refuse(.malformedRequest(error)) }
  }

  private func step() throws(MessageFault) -> Bool {
    switch phase {
    case .head:
      guard input.readableBytes > 0, let head = try parser.next(from: &input) else { return false }
      phase = .body(head, BodyDecoder(head.framing, limits: MessageLimits()), left: Self.mostBodyBytes)
    case .body(let head, var decoder, let left):
      let piece = try decoder.next(from: &input)
      phase = .body(head, decoder, left: left)
      switch piece {
      case nil: return false
      case .bytes(let bytes) where bytes.readableBytes > left: refuse(.bodyTooLarge(Self.mostBodyBytes))
      case .bytes(let bytes): phase = .body(head, decoder, left: left - bytes.readableBytes)
      case .end: answer(head)
      }
    case .answering, .closed: return false
    }
    return true
  }

  private func answer(_ head: RequestHead) {
    guard let context else { return }
    beginAnswer(ResponseEncoding(to: head, closes: !head.isPersistent || connections.isDraining))
    let writer = ResponseWriter(NIOLoopBound(self, eventLoop: context.eventLoop), context.eventLoop)
    let request = ControlRequest(head: head, channel: context.channel, writer: writer)
    if case .terminated = connections.requests.yield(request) { close() }
  }

  private func beginAnswer(_ encoding: ResponseEncoding) {
    timer?.cancel()
    phase = .answering
    self.encoding = encoding
  }

  /// Answers what is no request, and reads no further one.
  private func refuse(_ failure: APIFailure) {
    beginAnswer(ResponseEncoding(closes: true))
    restingSince = nil
    guard let response = try? Response(failure) else { return close() }
    begin(response)?.assumeIsolated().whenComplete { _ in self.endAnswer() }
  }

  // MARK: The answer

  /// Writes the head, and a body that is there as a whole.
  func begin(_ response: Response) -> EventLoopFuture<Void>? { write(encoding.head(of: response)) }

  /// Writes a piece of a body of unknown length.
  func write(piece: ByteBuffer) -> EventLoopFuture<Void>? { write(encoding.piece(piece)) }

  func writeEnd() -> EventLoopFuture<Void>? { write(encoding.end) }

  func endAnswer() {
    guard case .answering = phase else { return }
    guard !encoding.closes, !connections.isDraining else { return close() }
    rest()
    if input.readableBytes > 0 { awaitRequest() }
    advance()
    closeIfNothingComes()
    if isReadHeldBack, let context { read(context: context) }
  }

  /// Done once the client's socket has taken all of it: what it does not read is never added to.
  private func write(_ bytes: ByteBuffer) -> EventLoopFuture<Void>? {
    guard case .answering = phase, let context else { return nil }
    setTimer(connections.timeouts.write) { $0.close() }
    let written = context.eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in self.timer?.cancel() }
    return written.futureResult
  }

  private func setTimer(_ limit: Duration, _ action: @escaping (ControlConnection) -> Void) {
    timer?.cancel()
    timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { [weak self] in
      if let self { action(self) }
    }
  }
}
