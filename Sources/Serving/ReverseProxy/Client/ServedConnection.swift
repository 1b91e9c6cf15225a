/// A client's connection, of whatever version of HTTP.
protocol ServedConnection: Perishable {
  /// The agent stops: what is in progress is the last.
  func drain()
  func close()
}
