import HTTPMessages
import NIOCore

/// One exchange on an HTTP/2 connection to an upstream.
final class HTTP2UpstreamStream {
  private enum Phase { case head, body, closed }

  let slot: Int
  let id: UInt32
  private let connection: HTTP2UpstreamConnection
  private let transport: HTTP2Transport
  private let worker: ProxyWorker
  private var phase = Phase.head
  private var exchange: Exchange?
  /// The stream is open and owns its slot.
  private var isOpen = true
  /// The connection was used before, so that the upstream may have been about to close it.
  private let isReused: Bool
  /// A part of the response was received.
  private var isAnswering = false
  /// The whole response was received.
  private var isReceived = false
  /// Parts of the body that the client cannot take yet; limited by flow control.
  private var waiting: [HTTP2BodyPiece] = []
  private var isAdvancing = false
  /// Bytes of the body that are missing by Content-Length; nil without one.
  private var missingBytes: UInt64?
  private(set) var deadline = NIODeadline.distantFuture

  init(_ exchange: Exchange, slot: Int, connection: HTTP2UpstreamConnection, worker: ProxyWorker, isReused: Bool) {
    (self.exchange, self.slot, self.connection, self.worker) = (exchange, slot, connection, worker)
    (transport, self.isReused) = (connection.transport, isReused)
    id = connection.transport.state.id(of: slot)
  }

  /// Called after the head of the request was sent.
  func begin() {
    guard let exchange else { return }
    // The client's deadline applies until the request is complete.
    deadline = exchange.isRequestOver ? worker.deadline(exchange.responseTimeout) : .distantFuture
    exchange.connected(to: self)
  }

  // MARK: The response

  func receive(_ head: ResponseHead, isWhole: Bool) {
    guard let exchange, phase == .head else { return }
    isAnswering = true
    if isWhole { isReceived = true }
    if head.isInterim { return exchange.respond(head) }
    missingBytes = head.framing(for: exchange.head.method).length
    phase = .body
    deadline = worker.responseDeadline
    exchange.respond(head)
    if isWhole { receive(.end(nil)) }
  }

  func receive(_ bytes: ByteBuffer, isLast: Bool) {
    if isLast { isReceived = true }
    if bytes.readableBytes > 0 { receive(.bytes(bytes)) }
    if isLast { receive(.end(nil)) }
  }

  func receive(_ trailers: HeadFields?) {
    isReceived = true
    receive(.end(trailers))
  }

  private func receive(_ piece: HTTP2BodyPiece) {
    guard phase == .body else { return }
    waiting.append(piece)
    advance()
  }

  /// Forwards the response while the client is writable. The stream's window is not extended for the rest.
  private func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    var count = 0
    while count < waiting.count, let exchange, exchange.isClientWritable {
      deadline = worker.responseDeadline
      count += 1
      switch waiting[count - 1] {
      case .bytes(let bytes): respond(bytes, exchange)
      case .end(let trailers): complete(exchange, trailers)
      }
    }
    waiting.removeFirst(min(count, waiting.count))
  }

  private func respond(_ bytes: ByteBuffer, _ exchange: Exchange) {
    if isOpen { transport.consume(bytes.readableBytes, of: slot) }
    if let missingBytes {
      guard missingBytes >= bytes.readableBytes else { return abort(.badResponse("its body is longer than it said")) }
      self.missingBytes = missingBytes - UInt64(bytes.readableBytes)
    }
    exchange.respond(bytes)
  }

  private func complete(_ exchange: Exchange, _ trailers: HeadFields?) {
    guard missingBytes ?? 0 == 0 else { return abort(.connectionLost) }
    self.exchange = nil
    phase = .closed
    // For the upstream to read the rest of the request.
    if exchange.isRequestOver { deadline = worker.deadline(worker.settings.timeouts.idle) } else { reset() }
    exchange.respondEnd(trailers)
  }

  func flushResponse() { exchange?.flushResponse() }

  func upstreamBecameWritable() { exchange?.client?.resume() }

  // MARK: Ends

  /// Called when the slot was released for another stream.
  func wasReleased() { isOpen = false }

  /// The upstream has reset the stream.
  func wasReset(_ code: HTTP2ErrorCode) {
    guard code != .refusedStream else { return wasLost(isUnprocessed: true) }
    // After a complete response it only means that the rest of the request is not needed.
    if !isReceived { detachExchange()?.fail(.connectionLost) }
  }

  /// The connection was lost.
  func wasLost(isUnprocessed: Bool) {
    isOpen = false
    guard !isReceived else { return }
    let exchange = detachExchange()
    if isUnprocessed, !isAnswering {
      exchange?.upstreamLost(.unprocessed)
    } else {
      exchange?.upstreamLost(isReused && !isAnswering ? .onReusedConnection : .final)
    }
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

  /// Ends the stream and returns its exchange, if there is one.
  private func detachExchange() -> Exchange? {
    defer { exchange = nil }
    phase = .closed
    deadline = .distantFuture
    return exchange
  }

  private func reset() {
    phase = .closed
    guard isOpen else { return }
    transport.reset(slot, .cancel)
    connection.release(slot)
    transport.outputChanged()
  }
}

extension HTTP2UpstreamStream: UpstreamSide {
  var isWritable: Bool { isOpen && transport.takesMore(of: slot) }

  func send(_ body: ByteBuffer) {
    guard isOpen else { return }
    renewDeadline()
    if body.readableBytes > 0 { transport.send(body, on: slot) }
  }

  func sendEnd(_ trailers: HeadFields?) {
    guard isOpen else { return }
    if transport.end(slot, trailers: trailers), transport.state.isFree(slot) { connection.release(slot) }
    transport.outputChanged()
    renewDeadline()
  }

  /// The time limit for the response starts at the end of the request, however long its body takes.
  private func renewDeadline() {
    switch phase {
    case .head: if let exchange, exchange.isRequestOver { deadline = worker.deadline(exchange.responseTimeout) }
    case .body: deadline = worker.responseDeadline
    case .closed: break
    }
  }

  /// Does nothing: output is sent at the end of the event loop tick.
  func flush() {}

  func resume() {
    advance()
    exchange?.flushResponse()
  }

  func cancel() {
    exchange = nil
    waiting = []
    reset()
  }
}

extension HTTP2Request {
  /// The request of an exchange for its upstream.
  init(_ exchange: Exchange, settings: ProxySettings) {
    let encoder = RequestEncoder(for: exchange, by: settings)
    self.init(exchange.head, added: encoder.addedLines(exchange.head), takesTrailers: exchange.head.takesTrailers) {
      encoder.keeps($0)
    }
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
  /// Nil if the head does not contain it.
  fileprivate var length: UInt64? {
    switch self {
    case .none: 0
    case .length(let length): length
    case .chunked, .untilClose: nil
    }
  }
}
