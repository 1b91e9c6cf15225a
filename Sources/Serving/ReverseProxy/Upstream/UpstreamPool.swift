import HTTPMessages
import NIOCore
import ProxyTLS
import RouteModel
import ServerSockets

/// The HTTP/1.1 connections of one event loop to one endpoint. Idle ones are reused, the most recent first.
final class UpstreamPool: UpstreamService {
  private static let maxIdleConnections = 512

  let endpoint: UpstreamEndpoint
  private let worker: ProxyWorker
  private var idle: [UpstreamConnection] = []

  init(_ endpoint: UpstreamEndpoint, worker: ProxyWorker) { (self.endpoint, self.worker) = (endpoint, worker) }

  var isEmpty: Bool { idle.isEmpty }

  func serve(_ exchange: Exchange, onNewConnection isNew: Bool) {
    if !isNew, let connection = popIdle() { return send(exchange, on: connection) }
    guard let limit = endpoint.connectionLimit else { return connect(for: exchange) }
    QueuedExchange.enqueue(for: exchange, at: endpoint, limit: limit, worker: worker) {
      self.connect(for: $0, by: $1, until: $2)
    }
  }

  private func popIdle() -> UpstreamConnection? {
    guard let connection = idle.popLast() else { return nil }
    if connection.permit?.resume() ?? true { return connection }
    // Other exchanges wait for a permit, so this connection will be closed for one of them.
    idle.append(connection)
    return nil
  }

  /// Keeps a connection for the next exchange, or closes it.
  func reuse(_ connection: UpstreamConnection) {
    guard idle.count < Self.maxIdleConnections, !worker.isDraining, mayStayIdle(connection) else {
      return connection.close()
    }
    connection.markIdle(until: worker.deadline(worker.settings.timeouts.upstreamIdle))
    idle.append(connection)
  }

  private var isSingleConnection: Bool { endpoint.connectionLimit == 1 }

  /// An upstream that accepts a single connection could serve no other client while the proxy keeps one open.
  private func mayStayIdle(_ connection: UpstreamConnection) -> Bool {
    guard let permit = connection.permit else { return true }
    guard !isSingleConnection else { return false }
    let bound = NIOLoopBound((pool: self, connection: connection), eventLoop: worker.eventLoop)
    let eventLoop = worker.eventLoop
    return permit.markIdle { eventLoop.execute { bound.value.pool.yield(bound.value.connection) } }
  }

  /// Closes an idle connection for an exchange that waits for a permit.
  private func yield(_ connection: UpstreamConnection) {
    if idle.contains(where: { $0 === connection }) { connection.close() }
  }

  func remove(_ connection: UpstreamConnection) { idle.removeAll { $0 === connection } }

  func closeIdle() {
    let connections = idle
    idle = []
    for connection in connections { connection.close() }
  }

  /// - Parameter deadline: for the upstream to begin its response; nil for the default.
  private func send(_ exchange: Exchange, on connection: UpstreamConnection, until deadline: NIODeadline? = nil) {
    let encoder = RequestEncoder(
      for: exchange, by: worker.settings, upgrade: exchange.upgrade, closes: isSingleConnection)
    var head = worker.flusher.emptyBuffer()
    encoder.encode(exchange.head, to: &head)
    connection.serve(exchange, head: head, until: deadline ?? worker.deadline(exchange.responseTimeout))
    worker.flusher.recycle(head)
  }

  /// Does not keep the exchange in memory, because a client may cancel many while the upstream does not answer.
  private func connect(for exchange: Exchange, by permit: ConnectionPermit? = nil, until deadline: NIODeadline? = nil) {
    endpoint.connect(on: worker).assumeIsolated().whenComplete { [weak exchange] result in
      switch result {
      case .success(let channel):
        if let permit { channel.closeFuture.whenComplete { _ in permit.release() } }
        self.connected(channel, for: exchange, by: permit, until: deadline)
      case .failure(let error):
        permit?.release()
        exchange?.fail(ProxyFailure(connecting: error))
      }
    }
  }

  private func connected(
    _ channel: any Channel, for exchange: Exchange?, by permit: ConnectionPermit?, until deadline: NIODeadline?
  ) {
    guard let peer = endpoint.peer else { return begin(exchange, on: channel, by: permit, until: deadline) }
    let secured = worker.services.upstreamTLS.secure(channel, as: peer)
    // For an upstream that accepts the connection and then stays silent.
    let timeout = worker.eventLoop.scheduleTask(in: TimeAmount(worker.settings.timeouts.connect)) {
      channel.close(promise: nil)
    }
    secured.assumeIsolated().whenComplete { [weak exchange] result in
      timeout.cancel()
      switch result {
      case .success: self.begin(exchange, on: channel, by: permit, until: deadline)
      case .failure(let error): exchange?.fail(ProxyFailure(connecting: error))
      }
    }
  }

  private func begin(
    _ exchange: Exchange?, on channel: any Channel, by permit: ConnectionPermit?, until deadline: NIODeadline?
  ) {
    guard let exchange, !exchange.isOver else { return channel.close(promise: nil) }
    let connection = UpstreamConnection(pool: self, permit: permit, worker: worker)
    do { try channel.pipeline.syncOperations.addHandler(connection) } catch {
      channel.close(promise: nil)
      return exchange.fail(.connectionLost)
    }
    send(exchange, on: connection, until: deadline)
  }
}
