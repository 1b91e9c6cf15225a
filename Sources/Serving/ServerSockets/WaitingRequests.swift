import NIOCore

/// The requests with one limit that wait for a connection, in order of arrival.
struct WaitingRequests {
  /// Those that wait, and some that no longer do, but not at the front.
  private(set) var entries = CircularBuffer<ConnectionQueue.ID>()
  /// The client of each.
  private var waiting: [ConnectionQueue.ID: String] = [:]

  var first: ConnectionQueue.ID? { entries.first }

  var count: Int { waiting.count }

  func contains(_ id: ConnectionQueue.ID) -> Bool { waiting[id] != nil }

  mutating func append(_ id: ConnectionQueue.ID, of client: String) {
    entries.append(id)
    waiting[id] = client
  }

  /// Removes a request wherever it is, and returns its client; nil if it did not wait.
  @discardableResult
  mutating func remove(_ id: ConnectionQueue.ID) -> String? {
    let client = waiting.removeValue(forKey: id)
    while let first, !contains(first) { entries.removeFirst() }
    // Not for each one, because that takes as long as there are entries.
    if entries.count > 2 * waiting.count { entries.removeAll { waiting[$0] == nil } }
    return client
  }
}
