import NIOCore

/// A client's connection, of whatever version of HTTP.
protocol ServedConnection: DeadlineObserver {
  /// The agent stops: what is in progress is the last.
  func drain()
  func close()
  /// The routes of its exchanges may have other guests behind them, or guests that their clients matter to.
  func followGates()
  /// Since when no request has been under way; nil while one is.
  var idleSince: NIODeadline? { get }
  /// Bytes that were sent and that the client has not taken.
  var unreadBytes: Int { get }
}

extension Channel {
  /// Called on the channel's event loop.
  var unreadBytes: Int { (try? syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }
}
