import HTTPMessages
import NIOCore

/// One exchange on an HTTP/2 connection to an upstream.
final class HTTP2UpstreamStream {
  let slot: Int
  let id: UInt32
  private let connection: HTTP2UpstreamConnection
  private let transport: HTTP2Transport
  private let worker: ProxyWorker
  private var machine: StateMachine
  private var exchange: Exchange?
  /// Parts of the body that the client cannot receive yet; limited by flow control.
  private var waiting: HTTP2BodyQueue
  private var isAdvancing = false
  private(set) var deadline = NIODeadline.distantFuture

  init(_ exchange: Exchange, slot: Int, connection: HTTP2UpstreamConnection, worker: ProxyWorker, isReused: Bool) {
    (self.exchange, self.slot, self.connection, self.worker) = (exchange, slot, connection, worker)
    machine = StateMachine(isReused: isReused)
    transport = connection.transport
    waiting = HTTP2BodyQueue(in: worker.waitingBytes)
    id = connection.transport.state.id(of: slot)
  }

  /// Called after the head of the request was sent.
  func begin() {
    guard let exchange else { return }
    renewDeadline()
    exchange.connected(to: self)
  }

  // MARK: The response

  func receive(_ head: ResponseHead, isWhole: Bool) {
    guard let exchange else { return }
    switch machine.receive(head, for: exchange.head.method, isWhole: isWhole) {
    case .ignore: break
    // It is optional, and nothing else limits their number while the client reads nothing.
    case .forwardInterim: if exchange.isClientWritable { exchange.respond(head) }
    case .forward:
      deadline = worker.responseDeadline
      exchange.respond(head)
      if isWhole { receiveEnd(nil) }
    }
  }

  func receive(_ bytes: ByteBuffer, isLast: Bool) {
    if isLast { machine.responseReceived() }
    guard machine.isReceivingBody, let exchange else { return }
    let isAccepted = waiting.append(bytes, waits: !exchange.isClientWritable, of: exchange.clientNetwork)
    guard isAccepted else { return abort(.overloaded) }
    if isLast { receiveEnd(nil) } else { advance() }
  }

  func receive(_ trailers: HeadFields?) {
    machine.responseReceived()
    receiveEnd(trailers)
  }

  private func receiveEnd(_ trailers: HeadFields?) {
    guard machine.isReceivingBody else { return }
    waiting.append(end: trailers)
    advance()
  }

  /// Forwards the response while the client is writable. The stream's window is not extended for the rest.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    while let exchange, exchange.isClientWritable, let piece = waiting.next() {
      deadline = worker.responseDeadline
      switch piece {
      case .bytes(let bytes): respond(bytes, exchange)
      case .end(let trailers): complete(exchange, trailers)
      }
    }
  }

  private func respond(_ bytes: ByteBuffer, _ exchange: Exchange) {
    if machine.isOpen { transport.consume(bytes.readableBytes, of: slot) }
    switch machine.forward(bytes.readableBytes) {
    case .forward: exchange.respond(bytes)
    case .refuse: abort(.badResponse("its body is longer than it said"))
    }
  }

  private func complete(_ exchange: Exchange, _ trailers: HeadFields?) {
    let action = machine.complete(isRequestOver: exchange.isRequestOver)
    if action == .refuse { return abort(.connectionLost) }
    self.exchange = nil
    // For the upstream to read the rest of the request.
    if action == .complete { deadline = worker.deadline(worker.settings.timeouts.idle) } else { reset() }
    exchange.respondEnd(trailers)
  }

  func flushResponse() { exchange?.flushResponse() }

  func upstreamBecameWritable() { exchange?.client?.resume() }

  // MARK: Ends

  /// Called when the slot was released for another stream.
  func wasReleased() { machine.released() }

  func wasReset(_ code: HTTP2ErrorCode) { perform(machine.wasReset(code)) }

  func wasLost(isUnprocessed: Bool) { perform(machine.wasLost(isUnprocessed: isUnprocessed)) }

  private func perform(_ action: StateMachine.LossAction) {
    guard case .loseExchange(let loss) = action else { return }
    detachExchange()?.upstreamLost(loss)
  }

  func deadlinePassed() {
    deadline = .distantFuture
    // If the upstream's machine is down, the next exchange must not wait on the same connection.
    connection.retire()
    abort(.timedOut)
  }

  func abort(_ failure: ProxyFailure) {
    let exchange = detachExchange()
    reset()
    exchange?.fail(failure)
  }

  /// Ends the exchange of the stream, if there is one.
  private func detachExchange() -> Exchange? {
    defer { exchange = nil }
    deadline = .distantFuture
    return exchange
  }

  private func reset() {
    guard machine.close() == .reset else { return }
    transport.reset(slot, .cancel)
    connection.release(slot)
    transport.outputChanged()
  }
}

extension HTTP2UpstreamStream: UpstreamSide {
  var isWritable: Bool { machine.isOpen && transport.acceptsMore(of: slot) }

  func send(_ body: ByteBuffer) {
    guard machine.isOpen else { return }
    renewDeadline()
    if body.readableBytes > 0 { transport.send(body, on: slot) }
  }

  func sendEnd(_ trailers: HeadFields?) {
    guard machine.isOpen else { return }
    if transport.end(slot, trailers: trailers), transport.state.isFree(slot) { connection.release(slot) }
    transport.outputChanged()
    renewDeadline()
  }

  private func renewDeadline() {
    guard let exchange, let limit = machine.timeLimit(isRequestOver: exchange.isRequestOver) else { return }
    deadline = worker.deadline(limit, of: exchange)
  }

  /// Does nothing: output is sent at the end of the event loop tick.
  func flush() {}

  func resume() {
    advance()
    exchange?.flushResponse()
  }

  func cancel() {
    exchange = nil
    waiting.removeAll()
    reset()
  }
}

extension HTTP2Request {
  /// The request of an exchange for its upstream.
  init(_ exchange: Exchange, settings: ProxySettings) {
    let encoder = RequestEncoder(for: exchange, by: settings)
    self.init(exchange.head, added: encoder.addedLines(exchange.head), acceptsTrailers: exchange.head.acceptsTrailers) {
      encoder.keeps($0)
    }
  }
}

extension RequestHead {
  /// RFC 9110 §10.1.4
  fileprivate var acceptsTrailers: Bool {
    guard let list = fields.list(of: .te) else { return false }
    return list.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }.contains {
      $0.prefix { $0 != ";" } == "trailers"
    }
  }
}
