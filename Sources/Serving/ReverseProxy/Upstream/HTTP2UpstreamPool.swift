import NIOCore

/// The HTTP/2 connections of one event loop to one endpoint: one, and more only while it carries as many streams as the
/// upstream allows.
final class HTTP2UpstreamPool: UpstreamService {
  private let endpoint: UpstreamEndpoint
  private let worker: ProxyWorker
  /// Those that take streams.
  private var connections: [HTTP2UpstreamConnection] = []
  /// Exchanges for which there is no room yet, the first one first.
  private var waiting = CircularBuffer<Exchange>()
  /// Those that a connection has refused or lost: one that does not exist yet is theirs.
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

  /// The upstream has begun to speak HTTP/2.
  func connected(_ connection: HTTP2UpstreamConnection) {
    isConnecting = false
    connections.append(connection)
    hasRoom(on: connection, isNew: true)
    if isWaitedFor { connect() }
  }

  /// No connection came about: nobody can say how long the next one would take.
  func failed(_ failure: ProxyFailure) {
    isConnecting = false
    let exchanges = [waitingForNew, waiting].joined()
    (waitingForNew, waiting) = ([], [])
    for exchange in exchanges { exchange.fail(failure) }
  }

  // MARK: Streams

  /// The connection may take (more) streams.
  func hasRoom(on connection: HTTP2UpstreamConnection, isNew: Bool = false) {
    while connection.hasRoom, let exchange = (isNew ? waitingForNew.popFirst() : nil) ?? waiting.popFirst() {
      if !exchange.isOver { connection.open(exchange) }
    }
  }

  /// It takes no more streams; those that it carries go on.
  func remove(_ connection: HTTP2UpstreamConnection) { connections.removeAll { $0 === connection } }
}
