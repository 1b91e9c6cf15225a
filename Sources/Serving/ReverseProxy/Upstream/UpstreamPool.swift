import HTTPMessages
import NIOCore
import ProxyTLS
import RouteModel

/// The HTTP/1.1 connections of one event loop to one endpoint: those at rest are used again, the latest first.
final class UpstreamPool: UpstreamService {
  private static let mostResting = 512

  let endpoint: UpstreamEndpoint
  private let worker: ProxyWorker
  private var resting: [UpstreamConnection] = []

  init(_ endpoint: UpstreamEndpoint, worker: ProxyWorker) { (self.endpoint, self.worker) = (endpoint, worker) }

  var isEmpty: Bool { resting.isEmpty }

  func serve(_ exchange: Exchange, onNewConnection isNew: Bool) {
    if !isNew, let connection = resting.popLast() { return send(exchange, on: connection) }
    connect(for: exchange)
  }

  func takeBack(_ connection: UpstreamConnection) {
    guard resting.count < Self.mostResting, !worker.isDraining else { return connection.close() }
    connection.idle(until: worker.deadline(worker.settings.timeouts.resting))
    resting.append(connection)
  }

  func remove(_ connection: UpstreamConnection) { resting.removeAll { $0 === connection } }

  func closeResting() {
    let connections = resting
    resting = []
    for connection in connections { connection.close() }
  }

  private func send(_ exchange: Exchange, on connection: UpstreamConnection) {
    let encoder = RequestEncoder(for: exchange, by: worker.settings, upgrade: exchange.upgrade)
    let head = encoder.encode(exchange.head, allocator: ByteBufferAllocator())
    connection.serve(exchange, head: head, timeout: exchange.responseTimeout)
  }

  private func connect(for exchange: Exchange) {
    endpoint.connect(on: worker).assumeIsolated().whenComplete { result in
      switch result {
      case .success(let channel): self.connected(channel, for: exchange)
      case .failure(let error): exchange.fail(ProxyFailure(connecting: error))
      }
    }
  }

  private func connected(_ channel: any Channel, for exchange: Exchange) {
    guard let peer = endpoint.peer else { return begin(exchange, on: channel) }
    let secured = worker.services.upstreamTLS.secure(channel, as: peer)
    // One that takes the connection and then says nothing.
    let patience = worker.eventLoop.scheduleTask(in: TimeAmount(worker.settings.timeouts.connect)) {
      channel.close(promise: nil)
    }
    secured.assumeIsolated().whenComplete { result in
      patience.cancel()
      switch result {
      case .success: self.begin(exchange, on: channel)
      case .failure(let error): exchange.fail(ProxyFailure(connecting: error))
      }
    }
  }

  private func begin(_ exchange: Exchange, on channel: any Channel) {
    guard !exchange.isOver else { return channel.close(promise: nil) }
    let connection = UpstreamConnection(pool: self, worker: worker)
    do { try channel.pipeline.syncOperations.addHandler(connection) } catch {
      channel.close(promise: nil)
      return exchange.fail(.connectionLost)
    }
    send(exchange, on: connection)
  }
}
