import NIOCore

/// The HTTP/2 connections of one event loop to one endpoint. A further one is opened only if the others have no free
/// stream. Exchanges also wait while the upstream of the only connection with free streams is slow to read.
final class HTTP2UpstreamPool: UpstreamService {
  private let endpoint: UpstreamEndpoint
  private let worker: ProxyWorker
  /// Connections that accept new streams.
  private var connections: [HTTP2UpstreamConnection] = []
  /// Exchanges that wait for any connection.
  private var waiting = WaitingExchanges()
  /// Exchanges that a connection has refused or lost, which wait for a new connection.
  private var waitingForNew = WaitingExchanges()
  private var isConnecting = false
  private var isServingWaiting = false

  init(_ endpoint: UpstreamEndpoint, worker: ProxyWorker) { (self.endpoint, self.worker) = (endpoint, worker) }

  var isEmpty: Bool { connections.isEmpty && !isConnecting && !isWaitedFor }

  private var isWaitedFor: Bool { !waiting.isEmpty() || !waitingForNew.isEmpty() }

  func serve(_ exchange: Exchange, onNewConnection isNew: Bool) {
    guard exchange.upgrade == nil else { return exchange.fail(.noUpgrade) }
    if !isNew, let connection = connections.first(where: \.hasRoom) { return connection.open(exchange) }
    let deadline = worker.deadline(exchange.responseTimeout)
    if isNew { waitingForNew.append(exchange, until: deadline) } else { waiting.append(exchange, until: deadline) }
    connectIfNeeded()
  }

  func closeIdle() {
    for connection in connections where connection.isIdle { connection.close() }
  }

  // MARK: Connecting

  /// Connects if exchanges wait that the present connections will not serve.
  private func connectIfNeeded() {
    guard !isConnecting else { return }
    let isNeeded = !waiting.isEmpty() && !connections.contains(where: \.hasFreeStream)
    if isNeeded || !waitingForNew.isEmpty() { connect() }
  }

  private func connect() {
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
    while connection.hasRoom, let exchange = waitingForNew.popFirst() { connection.open(exchange) }
    serveWaiting()
  }

  /// Called if no connection could be opened. Fails all waiting exchanges instead of another attempt of unknown length.
  func failed(_ failure: ProxyFailure) {
    isConnecting = false
    let exchanges = waitingForNew.removeAll() + waiting.removeAll()
    for exchange in exchanges { exchange.fail(failure) }
  }

  // MARK: Streams

  /// Called when a connection may have room for streams.
  func serveWaiting() {
    // Sending can make a connection writable at once, which calls this again.
    guard isWaitedFor, !isServingWaiting else { return }
    isServingWaiting = true
    while let connection = connections.first(where: \.hasRoom), let exchange = waiting.popFirst() {
      connection.open(exchange)
    }
    isServingWaiting = false
    connectIfNeeded()
  }

  /// The first deadline of an exchange that waits for a connection.
  var deadline: NIODeadline { waiting.deadline }

  /// Fails the exchanges that have waited too long.
  func deadlinePassed() {
    for exchange in waiting.removeOverdue(at: worker.deadlines.now) { exchange.fail(.timedOut) }
  }

  /// Called when a connection accepts no more streams; its open streams continue.
  func remove(_ connection: HTTP2UpstreamConnection) {
    connections.removeAll { $0 === connection }
    connectIfNeeded()
  }
}
