import HTTPMessages
import NIOCore

/// One request and response of an HTTP/2 connection.
final class HTTP2Stream {
  private let connection: HTTP2Connection
  private let transport: HTTP2Transport
  private let worker: ProxyWorker
  private let slot: Int
  private var machine = StateMachine()
  private var exchange: Exchange?
  /// Parts of the body that the exchange does not accept yet; limited by flow control.
  private var waiting: HTTP2BodyQueue
  /// The head of a response without a body, which is sent with END_STREAM.
  private var lastHead: ResponseHead?
  private var isAdvancing = false
  private(set) var deadline = NIODeadline.distantFuture

  init(_ slot: Int, of connection: HTTP2Connection) {
    (self.slot, self.connection) = (slot, connection)
    (transport, worker) = (connection.transport, connection.worker)
    waiting = HTTP2BodyQueue(in: worker.waitingBytes)
  }

  // MARK: The request

  func begin(_ head: RequestHead, isWhole: Bool) {
    deadline = worker.deadline(machine.begin(hasBody: head.framing != .none))
    let exchange = Exchange(head, peer: connection.peer, client: self, protocolName: "HTTP/2.0", worker: worker)
    self.exchange = exchange
    exchange.start()
  }

  func refuse(_ fault: MessageFault, method: String?, target: String?) {
    let failure = ProxyFailure.badRequest(fault)
    let answer = LocalAnswer(failure, route: nil, accept: nil)
    worker.logRefusal(answer, to: connection.peer, method: method, target: target, version: "HTTP/2.0")
    send(answer.head, framing: answer.head.framing(for: .get))
    send(answer.body)
    sendEnd(nil)
  }

  func receive(_ bytes: ByteBuffer, isLast: Bool) {
    guard machine.isReceivingBody, let exchange else { return }
    let isAccepted = waiting.append(bytes, waits: !exchange.acceptsBody, of: exchange.clientNetwork)
    guard isAccepted else { return exchange.abort(.overloaded) }
    if isLast { waiting.append(end: nil) }
    advance()
  }

  func receive(_ trailers: HeadFields?) {
    guard machine.isReceivingBody else { return }
    waiting.append(end: trailers)
    advance()
  }

  /// Forwards the body while the exchange accepts it. The stream's window is not extended for the rest.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    while machine.isReceivingBody, let exchange, exchange.acceptsBody, let piece = waiting.next() {
      deadline = worker.bodyDeadline(of: exchange)
      switch piece {
      case .bytes(let bytes):
        transport.consume(bytes.readableBytes, of: slot)
        exchange.receive(bytes)
      case .end(let trailers):
        machine.requestEnded()
        deadline = .distantFuture
        exchange.receiveEnd(trailers)
      }
    }
  }

  private func renewBodyDeadline() {
    if machine.isReceivingBody { deadline = worker.bodyDeadline(of: exchange) }
  }

  func flushRequest() { exchange?.flushRequest() }

  func followGate() { exchange?.followGate() }

  // MARK: Windows

  /// All data of the stream was written to the connection.
  func allDataWritten() {
    if machine.outputEndsTimeLimit { deadline = .distantFuture }
    clientBecameWritable()
  }

  func clientBecameWritable() { exchange?.clientBecameWritable() }

  /// Sets a deadline for the client if data of the stream waits.
  private func watchWaiting() {
    let count = transport.state.waitingBytes(of: slot)
    switch machine.outputWaits(count, hasTimeLimit: deadline != .distantFuture) {
    case .none: break
    case .endTimeLimit: deadline = .distantFuture
    case .startTimeLimit: deadline = worker.responseDeadline
    }
  }

  // MARK: Ends

  /// The client sends its body too slowly or does not read the response.
  func deadlinePassed() {
    deadline = .distantFuture
    switch machine.deadlinePassed(waitingBytes: transport.state.waitingBytes(of: slot)) {
    case .refuseClient: refuseSlowClient()
    case .watchOutput: watchWaiting()
    case .cancel:
      let exchange = finish()
      reset(.cancel)
      exchange?.clientDisconnected()
    }
  }

  private func refuseSlowClient() {
    guard let exchange else { return }
    if exchange.isHeld { return renewBodyDeadline() }
    exchange.abort(exchange.acceptsBody ? .clientTooSlow : .timedOut)
  }

  /// The client has reset the stream, or the connection has ended.
  func wasReset() { finish()?.clientDisconnected() }

  @discardableResult
  private func finish() -> Exchange? {
    defer { exchange = nil }
    machine.close()
    waiting.removeAll()
    deadline = .distantFuture
    return exchange
  }
}

extension HTTP2Stream: ClientSide {
  var isWritable: Bool { !machine.isClosed && transport.acceptsMore(of: slot) }

  func sendInterim(_ head: ResponseHead) { send(head, isWhole: false) }

  func send(_ head: ResponseHead, framing: BodyFraming) {
    renewBodyDeadline()
    guard framing != .none else { return lastHead = head }
    send(head, isWhole: false)
  }

  /// - Parameter isWhole: no body follows, so that the stream ends.
  private func send(_ head: ResponseHead, isWhole: Bool) {
    transport.prepareOutput()
    transport.state.send(head, date: worker.date.line, on: slot, isWhole: isWhole)
    if isWhole { connection.released(slot) }
    transport.outputChanged()
  }

  func send(_ body: ByteBuffer) {
    guard body.readableBytes > 0 else { return }
    transport.send(body, on: slot)
    watchWaiting()
  }

  func sendEnd(_ trailers: HeadFields?) {
    finish()
    if let lastHead {
      self.lastHead = nil
      send(lastHead, isWhole: trailers == nil)
      if trailers == nil { return }
    }
    if transport.end(slot, trailers: trailers) { connection.released(slot) } else { watchWaiting() }
    transport.outputChanged()
  }

  /// Does nothing: output is sent at the end of the event loop tick.
  func flush() {}

  func abort() {
    finish()
    reset(.internalError)
  }

  private func reset(_ code: HTTP2ErrorCode) {
    transport.reset(slot, code)
    connection.released(slot)
    transport.outputChanged()
  }

  func resume() {
    renewBodyDeadline()
    advance()
    exchange?.flushRequest()
  }

  /// Never called in practice: HTTP/2 has no 101 (RFC 9113 §8.6), so its exchanges do not ask for a protocol switch.
  func startTunnel() { abort() }
}
