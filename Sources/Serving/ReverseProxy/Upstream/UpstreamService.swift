/// Serves exchanges by connections to one endpoint: of HTTP/1.1 or of HTTP/2. All on one event loop.
protocol UpstreamService: AnyObject {
  /// Nothing is kept open: it can be forgotten once no exchange needs it.
  var isEmpty: Bool { get }

  /// Has an exchange served.
  ///
  /// - Parameter isNew: by a connection that is opened for it, since others may have died like the one before.
  func serve(_ exchange: Exchange, onNewConnection isNew: Bool)
  /// Closes what serves nobody just now.
  func closeIdle()
}
