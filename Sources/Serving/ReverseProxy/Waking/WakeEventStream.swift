import HTTPMessages
import JSONDocument
import NIOCore
import RouteModel
import WakeOnDemand

/// Sends every status of the guest to the waiting page until the guest is up or has failed, at most for the time-out of
/// a start; the browser then connects again.
final class WakeEventStream: UpstreamSide {
  private static let heartbeat = TimeAmount.seconds(15)

  private let gate: GuestGate
  private let words: WakeText
  private let timeout: Duration
  private var exchange: Exchange?
  private var watch: GuestGate.Watch?
  private var ticker: RepeatedTask?
  private var end: Scheduled<Void>?

  init(_ gate: GuestGate, _ route: Route, _ exchange: Exchange) {
    (self.gate, words, self.exchange) = (gate, WakeText(route), exchange)
    timeout = (route.declaration.wake ?? WakePolicy()).wakeTimeout
  }

  func serve() {
    guard let exchange else { return }
    let eventLoop = exchange.worker.eventLoop
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    watch = gate.follow { status in eventLoop.execute { bound.value.send(status) } }
    exchange.connected(to: self)
    exchange.respond(
      ResponseHead(
        status: 200,
        fields: [
          ("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache, no-store, no-transform"),
          ("X-Accel-Buffering", "no"), ("X-Content-Type-Options", "nosniff"),
        ]))
    send("retry: 2000\n")
    send(gate.status)
    // Above the limit of pages, a page gets one status with each connection.
    guard watch != nil else { return close() }
    ticker = eventLoop.scheduleRepeatedTask(initialDelay: Self.heartbeat, delay: Self.heartbeat) { _ in
      bound.value.send(": \n\n")
    }
    end = eventLoop.scheduleTask(in: TimeAmount(timeout)) { bound.value.close() }
  }

  private func send(_ status: GateStatus) {
    let event = status.phase == .failed ? "failed" : status.isOpen ? "ready" : "state"
    let data = ["state": status.phase.rawValue, "title": words.title(status), "text": words.text(status)]
    send("event: \(event)\ndata: \(String(decoding: data.json, as: UTF8.self))\n\n")
    if event != "state" { close() }
  }

  private func close() {
    let exchange = exchange
    cancel()
    exchange?.respondEnd(nil)
  }

  private func send(_ text: String) {
    // A client that does not read gets the next status with its next connection.
    guard let exchange, exchange.isClientWritable else { return }
    exchange.respond(ByteBuffer(string: text))
    exchange.flushResponse()
  }

  // MARK: The request body, which is ignored

  var isWritable: Bool { true }
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}
  func resume() {}

  func cancel() {
    if let watch { gate.unwatch(watch) }
    ticker?.cancel()
    end?.cancel()
    (watch, ticker, end, exchange) = (nil, nil, nil, nil)
  }
}
