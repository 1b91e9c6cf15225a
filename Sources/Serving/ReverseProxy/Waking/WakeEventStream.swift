import HTTPMessages
import JSONDocument
import NIOCore
import RouteModel
import WakeOnDemand

/// Answers the waiting page with every status of the guest, until it is up or has failed.
final class WakeEventStream: UpstreamSide {
  private static let heartbeat = TimeAmount.seconds(15)

  private let gate: GuestGate
  private let words: WakeWords
  private var exchange: Exchange?
  private var watch: GuestGate.Watch?
  private var ticker: RepeatedTask?

  init(_ gate: GuestGate, _ route: Route, _ exchange: Exchange) {
    (self.gate, words, self.exchange) = (gate, WakeWords(route), exchange)
  }

  func serve() {
    guard let exchange else { return }
    let eventLoop = exchange.worker.eventLoop
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    watch = gate.watch { status in eventLoop.execute { bound.value.tell(status) } }
    guard watch != nil else { return exchange.fail(.overloaded) }
    exchange.connected(to: self)
    exchange.respond(
      ResponseHead(
        status: 200,
        fields: [
          ("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache, no-store, no-transform"),
          ("X-Accel-Buffering", "no"), ("X-Content-Type-Options", "nosniff"),
        ]))
    ticker = eventLoop.scheduleRepeatedTask(initialDelay: Self.heartbeat, delay: Self.heartbeat) { _ in
      bound.value.send(": \n\n")
    }
    tell(gate.status)
  }

  private func tell(_ status: GateStatus) {
    let event = status.phase == .failed ? "failed" : status.isOpen ? "ready" : "state"
    let data = ["state": status.phase.rawValue, "title": words.title(status), "text": words.text(status)]
    send("event: \(event)\ndata: \(String(decoding: data.json, as: UTF8.self))\n\n")
    guard event != "state" else { return }
    let exchange = exchange
    end()
    exchange?.respondEnd(nil)
  }

  private func send(_ text: String) {
    // A client that does not read is told the next status at its next connection.
    guard let exchange, exchange.isClientWritable else { return }
    exchange.respond(ByteBuffer(string: text))
    exchange.flushResponse()
  }

  private func end() {
    if let watch { gate.unwatch(watch) }
    ticker?.cancel()
    (watch, ticker, exchange) = (nil, nil, nil)
  }

  // MARK: What the client sends means nothing here

  var isWritable: Bool { true }
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}
  func resume() {}
  func cancel() { end() }
}
