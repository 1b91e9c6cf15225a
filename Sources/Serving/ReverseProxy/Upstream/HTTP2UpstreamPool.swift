import NIOCore

/// The HTTP/2 connections of one event loop to one endpoint. A further one is opened only if the others have no free
/// stream.
final class HTTP2UpstreamPool: UpstreamService {
  private let endpoint: UpstreamEndpoint
  private let worker: ProxyWorker
  /// Connections that accept new streams.
  private var connections: [HTTP2UpstreamConnection] = []
  /// Exchanges that wait for a free stream, the oldest first.
  private var waiting = CircularBuffer<Exchange>()
  /// Exchanges that a connection has refused or lost, which wait for a new connection.
  private var waitingForNew = CircularBuffer<Exchange>()
  private var isConnecting = false

  init(_ endpoint: UpstreamEndpoint, worker: ProxyWorker) { (self.endpoint, self.worker) = (endpoint, worker) }

  var isEmpty: Bool { connections.isEmpty && !isConnecting && !isWaitedFor }

  private var isWaitedFor: Bool { !waiting.isEmpty || !waitingForNew.isEmpty }

  func serve(_ exchange: Exchange, onNewConnection isNew: Bool) {
    guard exchange.upgrade == nil else { return exchange.fail(.noUpgrade) }
    if !isNew, let connection = connections.first(where: \.hasRoom) { return connection.open(exchange) }
    if isNew { waitingForNew.append(exchange) } else { waiting.append(exchange) }
    connect()
  }

  func closeIdle() {
    for connection in connections where connection.isIdle { connection.close() }
  }

  // MARK: Connecting

  private func connect() {
    guard !isConnecting else { return }
    isConnecting = true
    endpoint.connect(on: worker).assumeIsolated().whenComplete { result in
      do {
        try HTTP2UpstreamConnection.start(on: try result.get(), pool: self, worker: self.worker)
      } catch { self.failed(ProxyFailure(connecting: error)) }
    }
  }

  /// Called when the SETTINGS of the upstream have come.
  func connected(_ connection: HTTP2UpstreamConnection) {
    isConnecting = false
    connections.append(connection)
    hasRoom(on: connection, isNew: true)
    if isWaitedFor { connect() }
  }

  /// Called if no connection could be opened. Fails all waiting exchanges instead of another attempt of unknown length.
  func failed(_ failure: ProxyFailure) {
    isConnecting = false
    let exchanges = [waitingForNew, waiting].joined()
    (waitingForNew, waiting) = ([], [])
    for exchange in exchanges { exchange.fail(failure) }
  }

  // MARK: Streams

  /// Called when a connection may have free streams.
  func hasRoom(on connection: HTTP2UpstreamConnection, isNew: Bool = false) {
    while connection.hasRoom, let exchange = (isNew ? waitingForNew.popFirst() : nil) ?? waiting.popFirst() {
      if !exchange.isOver { connection.open(exchange) }
    }
  }

  /// Called when a connection accepts no more streams; its open streams continue.
  func remove(_ connection: HTTP2UpstreamConnection) { connections.removeAll { $0 === connection } }
}
