import HTTPMessages
import NIOCore
import ServerSockets
import StreamProxy

/// An exchange that waits for its turn with an upstream that takes only so many connections (`max_conns_per_host`).
///
/// Stands where the exchange's connection will be, so that it takes no request body yet.
final class QueuedExchange: UpstreamSide, DeadlineObserver {
  /// For the upstream to begin its response: waiting is a part of that time.
  let deadline: NIODeadline
  private let worker: ProxyWorker
  private let limit: Int
  private var exchange: Exchange?
  private var permit: ConnectionPermit?

  private init(of exchange: Exchange, limit: Int, worker: ProxyWorker) {
    (self.exchange, self.limit, self.worker) = (exchange, limit, worker)
    deadline = worker.deadline(exchange.responseTimeout)
  }

  /// - Parameter serve: called when the exchange may have a connection, which gives the permit back at its end.
  static func enqueue(
    for exchange: Exchange, at endpoint: UpstreamEndpoint, limit: Int, worker: ProxyWorker,
    _ serve: @escaping (Exchange, ConnectionPermit, _ deadline: NIODeadline) -> Void
  ) {
    let queued = QueuedExchange(of: exchange, limit: limit, worker: worker)
    let called = NIOLoopBound((queued: queued, serve: serve), eventLoop: worker.eventLoop)
    let (permit, isGranted) = worker.services.streams.connectionLimits.ask(
      .init(host: endpoint.host, port: endpoint.port), limit: limit, on: worker.eventLoop
    ) {
      called.value.queued.granted(called.value.serve)
    }
    if isGranted { return serve(exchange, permit, queued.deadline) }
    queued.permit = permit
    worker.deadlines.watch(queued)
    exchange.connected(to: queued)
  }

  private func granted(_ serve: (Exchange, ConnectionPermit, NIODeadline) -> Void) {
    worker.deadlines.forget(self)
    guard let permit else { return }
    self.permit = nil
    // It may have been given up between the grant and this.
    guard let exchange = detachExchange() else { return permit.giveBack() }
    serve(exchange, permit, deadline)
  }

  func deadlinePassed() { withdraw()?.fail(.upstreamBusy(limit: limit)) }

  private func withdraw() -> Exchange? {
    worker.deadlines.forget(self)
    // Otherwise the grant is on its way, and gives it back.
    if permit?.withdraw() == true { permit = nil }
    return detachExchange()
  }

  private func detachExchange() -> Exchange? {
    defer { exchange = nil }
    return exchange
  }

  var isWritable: Bool { false }
  func send(_ body: ByteBuffer) {}
  func sendEnd(_ trailers: HeadFields?) {}
  func flush() {}
  func resume() {}
  func cancel() { _ = withdraw() }
}
