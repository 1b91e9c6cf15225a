/// A connection pool for one endpoint, for HTTP/1.1 or HTTP/2. Used on one event loop only.
protocol UpstreamService: AnyObject {
  /// There is no open connection and no waiting exchange, so that the pool can be removed.
  var isEmpty: Bool { get }

  /// Serves an exchange on an idle or a new connection.
  ///
  /// - Parameter isNew: only on a new connection, because the idle ones may be lost like the previous one.
  func serve(_ exchange: Exchange, onNewConnection isNew: Bool)
  /// Closes idle connections.
  func closeIdle()
}
