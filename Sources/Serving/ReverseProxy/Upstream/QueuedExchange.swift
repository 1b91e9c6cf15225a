import HTTPMessages
import NIOCore
import RouteModel
import ServerSockets
import StreamProxy

/// An exchange that waits for a permit for an upstream with a connection limit (`max_conns_per_host`).
///
/// It is the upstream side of the exchange until there is a connection, and accepts no request body.
final class QueuedExchange: UpstreamSide, DeadlineObserver {
  /// For the upstream to begin its response, including the wait for the permit.
  let deadline: NIODeadline
  private let worker: ProxyWorker
  private let limit: Int
  private var exchange: Exchange?
  private var permit: ConnectionPermit?

  private init(of exchange: Exchange, limit: Int, worker: ProxyWorker) {
    (self.exchange, self.limit, self.worker) = (exchange, limit, worker)
    deadline = worker.deadline(exchange.responseTimeout)
  }

  /// Serves the exchange at once if a permit is free, and queues it otherwise; it fails if too many wait already.
  ///
  /// - Parameter serve: called with the permit, which must be released when the connection ends.
  static func enqueue(
    for exchange: Exchange, at endpoint: UpstreamEndpoint, limit: Int, worker: ProxyWorker,
    _ serve: @escaping (Exchange, ConnectionPermit, _ deadline: NIODeadline) -> Void
  ) {
    let queued = QueuedExchange(of: exchange, limit: limit, worker: worker)
    let called = NIOLoopBound((queued: queued, serve: serve), eventLoop: worker.eventLoop)
    let request = worker.services.streams.connectionLimits.request(
      .init(host: endpoint.host, port: endpoint.port), limit: limit,
      client: exchange.clientNetwork, on: worker.eventLoop
    ) {
      called.value.queued.granted(called.value.serve)
    }
    guard let (permit, isGranted) = request else { return exchange.fail(.upstreamBusy(limit: limit)) }
    if isGranted { return serve(exchange, permit, queued.deadline) }
    queued.permit = permit
    worker.deadlines.watch(queued)
    exchange.connected(to: queued)
  }

  private func granted(_ serve: (Exchange, ConnectionPermit, NIODeadline) -> Void) {
    worker.deadlines.forget(self)
    guard let permit else { return }
    self.permit = nil
    // The exchange may have ended since the permit was granted.
    guard let exchange = detachExchange() else { return permit.release() }
    serve(exchange, permit, deadline)
  }

  func deadlinePassed() { withdraw()?.fail(.upstreamBusy(limit: limit)) }

  private func withdraw() -> Exchange? {
    worker.deadlines.forget(self)
    // Otherwise the permit has just been granted, and `granted` releases it.
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
