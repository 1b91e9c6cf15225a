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
  /// The stream is open, and the slot its own.
  private var isOpen = true
  /// The connection served before: the upstream may have been about to close it.
  private let isReused: Bool
  /// Something of the response came.
  private var isAnswering = false
  /// All of the response came.
  private var isReceived = false
  /// Of the response's body, while the client takes none; bounded by the flow control of the stream.
  private var waiting: [HTTP2BodyPiece] = []
  private var isAdvancing = false
  /// How much of the body the response's head still promises; nil where it does not say.
  private var promised: UInt64?
  private(set) var deadline = NIODeadline.distantFuture

  init(_ exchange: Exchange, slot: Int, connection: HTTP2UpstreamConnection, worker: ProxyWorker, isReused: Bool) {
    (self.exchange, self.slot, self.connection, self.worker) = (exchange, slot, connection, worker)
    (transport, self.isReused) = (connection.transport, isReused)
    id = connection.transport.state.id(of: slot)
  }

  /// The head of the request was sent.
  func begin() {
    guard let exchange else { return }
    // While the request is still coming, the client's deadline holds.
    deadline = exchange.isRequestOver ? worker.deadline(exchange.responseTimeout) : .distantFuture
    exchange.connected(to: self)
  }

  // MARK: The response

  func receive(_ head: ResponseHead, isWhole: Bool) {
    guard let exchange, phase == .head else { return }
    isAnswering = true
    if isWhole { isReceived = true }
    if head.isInterim { return exchange.respond(head) }
    promised = head.framing(for: exchange.head.method).length
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

  /// Hands on as much as the client takes now; the stream's window stays shut for the rest.
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
    if let promised {
      guard promised >= bytes.readableBytes else { return abort(.badResponse("its body is longer than it said")) }
      self.promised = promised - UInt64(bytes.readableBytes)
    }
    exchange.respond(bytes)
  }

  private func complete(_ exchange: Exchange, _ trailers: HeadFields?) {
    guard promised ?? 0 == 0 else { return abort(.connectionLost) }
    self.exchange = nil
    phase = .closed
    // For the upstream to take what is left of the request, if it still does.
    if exchange.isRequestOver { deadline = worker.deadline(worker.settings.timeouts.idle) } else { reset() }
    exchange.respondEnd(trailers)
  }

  func flushResponse() { exchange?.flushResponse() }

  func upstreamBecameWritable() { exchange?.client?.resume() }

  // MARK: Ends

  /// The slot is another stream's from now on.
  func wasReleased() { isOpen = false }

  /// The upstream ended it early.
  func wasReset(_ code: HTTP2ErrorCode) {
    guard code != .refusedStream else { return wasLost(isUnprocessed: true) }
    // Behind the whole response it means that no more of the request is wanted.
    if !isReceived { detachExchange()?.fail(.connectionLost) }
  }

  /// The connection is gone.
  func wasLost(isUnprocessed: Bool) {
    isOpen = false
    guard !isReceived else { return }
    let exchange = detachExchange()
    // RFC 9113 §8.7
    if isUnprocessed, !isAnswering {
      exchange?.upstreamLostBeforeResponse(.connectionLost, isUnprocessed: true)
    } else if isReused, !isAnswering {
      exchange?.upstreamLostBeforeResponse(.connectionLost)
    } else {
      exchange?.fail(.connectionLost)
    }
  }

  func deadlinePassed() {
    deadline = .distantFuture
    // If the upstream's machine has gone silently, the next exchange must not hang on the same connection.
    connection.retire()
    abort(.timedOut)
  }

  func abort(_ failure: ProxyFailure) {
    let exchange = detachExchange()
    reset()
    exchange?.fail(failure)
  }

  /// Nothing more is done for the exchange.
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

  /// The time of the response begins behind the request, whose body takes what it takes.
  private func renewDeadline() {
    switch phase {
    case .head: if let exchange, exchange.isRequestOver { deadline = worker.deadline(exchange.responseTimeout) }
    case .body: deadline = worker.responseDeadline
    case .closed: break
    }
  }

  /// All is sent at the end of the event loop's turn.
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
  /// What an upstream gets of an exchange.
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
  /// Nil where the head does not tell.
  fileprivate var length: UInt64? {
    switch self {
    case .none: 0
    case .length(let length): length
    case .chunked, .untilClose: nil
    }
  }
}
