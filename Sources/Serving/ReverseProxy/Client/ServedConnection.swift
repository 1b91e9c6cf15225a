import NIOCore

/// A client connection of any HTTP version.
protocol ServedConnection: DeadlineObserver {
  /// Called when the agent stops: finishes the exchanges in progress and closes.
  func drain()
  func close()
  /// Called when the guests behind routes, or their wake settings, may have changed.
  func followGates()
  /// Start of the time without a request in progress; nil during a request.
  var idleSince: NIODeadline? { get }
  /// Bytes that wait for the client to read.
  var unreadBytes: Int { get }
}
