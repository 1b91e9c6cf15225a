import ControlAPI
import HTTPMessages
import NIOCore

/// A client's connection. Requests are handled one after the other; each is begun once the answer before it is written
/// (RFC 9112 §9.3).
final class ControlConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase {
    case head
    /// No operation uses the body; it is read and discarded up to that many bytes.
    case body(RequestHead, BodyDecoder, left: Int)
    case answering
    case closed
  }

  private static let maxBodyBytes = 1 << 20
  /// The maximum number of bytes that may wait behind a request that is being answered.
  private static let maxWaitingBytes = 16 * 1024
  /// The size of a piece of a list that is made while it is written. The kernel's buffers add to it.
  private static let pieceBytes = 128 * 1024

  private let connections: ControlConnections
  private var context: ChannelHandlerContext?
  private var phase = Phase.head
  private var parser = RequestHeadParser(limits: MessageLimits())
  private var input = ByteBuffer()
  private var encoding = ResponseEncoding()
  /// Whether the client has closed its side.
  private var hasEnded = false
  private var isReadHeldBack = false
  /// Whether requests are being taken from the input at the moment.
  private var isAdvancing = false
  private var deadline = NIODeadline.distantFuture
  /// The time since which no request is in progress; nil while one is.
  private(set) var idleSince: NIODeadline?

  init(_ connections: ControlConnections) { self.connections = connections }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelActive(context: ChannelHandlerContext) {
    guard connections.add(self) else { return close() }
    awaitNextRequest()
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    phase = .closed
    context = nil
    connections.remove(self)
  }

  func close() {
    phase = .closed
    context?.close(promise: nil)
  }

  /// Stops the connection behind the answer in progress, if there is one.
  func drain() {
    encoding.closes = true
    if idleSince != nil { close() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    input.appendReceived(unwrapInboundIn(data))
    if idleSince != nil { awaitRequest() }
    advance()
  }

  func read(context: ChannelHandlerContext) {
    switch phase {
    case .head, .body: isReadHeldBack = false
    case .answering: isReadHeldBack = input.readableBytes >= Self.maxWaitingBytes
    case .closed: isReadHeldBack = true
    }
    if !isReadHeldBack { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
    hasEnded = true
    closeIfNothingComes()
  }

  /// Closes the connection once a client that has closed its side has received all answers.
  private func closeIfNothingComes() {
    switch phase {
    case .head where hasEnded, .body where hasEnded: close()
    default: break
    }
  }

  private func awaitNextRequest() {
    phase = .head
    idleSince = .now()
    setDeadline(connections.timeouts.idle)
  }

  /// Limits the time for head and body together, so that a slow sender cannot extend it byte by byte.
  private func awaitRequest() {
    idleSince = nil
    setDeadline(connections.timeouts.request)
  }

  private func advance() {
    isAdvancing = true
    do { while try step() {} } catch { refuse(.malformedRequest(error)) }
    isAdvancing = false
    closeIfNothingComes()
  }

  private func step() throws(MessageFault) -> Bool {
    switch phase {
    case .head:
      guard input.readableBytes > 0, let head = try parser.next(from: &input) else { return false }
      phase = .body(head, BodyDecoder(head.framing, limits: MessageLimits()), left: Self.maxBodyBytes)
    case .body(let head, var decoder, let left):
      let piece = try decoder.next(from: &input)
      phase = .body(head, decoder, left: left)
      switch piece {
      case nil: return false
      case .bytes(let bytes) where bytes.readableBytes > left: refuse(.bodyTooLarge(Self.maxBodyBytes))
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
    switch connections.dispatcher.reply(to: head, on: context.channel) {
    case .now(let response): send(response)
    case .later(let answer):
      let writer = ResponseWriter(NIOLoopBound(self, eventLoop: context.eventLoop), context.eventLoop)
      let request = ControlRequest(answer: answer, writer: writer)
      if case .terminated = connections.requests.yield(request) { close() }
    }
  }

  private func beginAnswer(_ encoding: ResponseEncoding) {
    phase = .answering
    deadline = .distantFuture
    self.encoding = encoding
  }

  /// Answers something that is not a request; no further one is read.
  private func refuse(_ failure: APIFailure) {
    beginAnswer(ResponseEncoding(closes: true))
    idleSince = nil
    send(Response(failure))
  }

  // MARK: The answer

  /// Writes an answer that is complete, or that is made while it is written.
  func send(_ response: Response) {
    var whole = ByteBuffer()
    switch response.body {
    case .bytes(let bytes): whole = bytes
    case .pieces(var source):
      if source.write(to: &whole, atLeast: Self.pieceBytes) {
        return send(encoding.head(of: response), whole, before: source)
      }
    case .stream: return then(write([encoding.head(of: response)])) { $0.endAnswer() }
    }
    then(write([encoding.head(of: response, length: whole.readableBytes)] + (encoding.isHead ? [] : [whole]))) {
      $0.endAnswer()
    }
  }

  private func send(_ head: ByteBuffer, _ piece: ByteBuffer, before source: any BodySource) {
    if encoding.isHead { return then(write([head])) { $0.endAnswer() } }
    then(write([head] + encoding.piece(piece))) { $0.send(next: source) }
  }

  /// Writes the next piece once the client has received the one before it, and other connections had their turn.
  private func send(next source: any BodySource) {
    context?.eventLoop.assumeIsolated().execute {
      var (source, piece) = (source, ByteBuffer())
      let goesOn = source.write(to: &piece, atLeast: Self.pieceBytes)
      let parts = self.encoding.piece(piece)
      self.then(self.write(goesOn ? parts : parts + [self.encoding.end])) {
        if goesOn { $0.send(next: source) } else { $0.endAnswer() }
      }
    }
  }

  /// Writes the head of an answer of unknown length. Returns whether its body is wanted.
  func begin(_ response: Response) -> EventLoopFuture<Bool>? {
    let isWanted = !encoding.isHead
    return write([encoding.head(of: response)])?.map { isWanted }
  }

  /// Writes a piece of a body of unknown length.
  func write(piece: ByteBuffer) -> EventLoopFuture<Bool>? { write(encoding.piece(piece))?.map { true } }

  func endStream() { then(write(encoding.isHead ? [] : [encoding.end])) { $0.endAnswer() } }

  private func endAnswer() {
    guard case .answering = phase else { return }
    guard !encoding.closes, !connections.isDraining else { return close() }
    awaitNextRequest()
    if input.readableBytes > 0 { awaitRequest() }
    // If the answer was written at once, the loop that began this request also begins the next one.
    guard !isAdvancing else { return }
    advance()
    if isReadHeldBack, let context { read(context: context) }
  }

  /// Completes once the client's socket has taken everything, so that nothing accumulates for a client that does not
  /// read.
  private func write(_ parts: [ByteBuffer]) -> EventLoopFuture<Void>? {
    guard case .answering = phase, let context else { return nil }
    setDeadline(connections.timeouts.write)
    let written = context.eventLoop.makePromise(of: Void.self)
    for part in parts.dropLast() { context.write(wrapOutboundOut(part), promise: nil) }
    context.writeAndFlush(wrapOutboundOut(parts.last ?? ByteBuffer()), promise: written)
    written.futureResult.assumeIsolated().whenComplete { _ in
      if case .answering = self.phase { self.deadline = .distantFuture }
    }
    return written.futureResult
  }

  private func then(_ written: EventLoopFuture<Void>?, _ next: @escaping (ControlConnection) -> Void) {
    written?.assumeIsolated().whenComplete { result in
      if case .success = result { next(self) } else { self.close() }
    }
  }

  // MARK: Time

  private func setDeadline(_ limit: Duration) { deadline = .now() + TimeAmount(limit) }

  /// Closes the connection if the client has exceeded a time limit.
  func endIfOverdue(at now: NIODeadline) {
    guard now >= deadline else { return }
    switch phase {
    case .head where idleSince == nil, .body: refuse(.requestTimeout(connections.timeouts.request))
    case .head, .answering: close()
    case .closed: break
    }
  }
}
