import NIOCore

/// The requests with one limit that wait for a connection, in order of arrival.
struct WaitingRequests {
  /// Those that wait, and some that no longer do, but not at the front.
  private(set) var entries = CircularBuffer<ConnectionQueue.ID>()
  private var waiting: Set<ConnectionQueue.ID> = []

  var first: ConnectionQueue.ID? { entries.first }

  var count: Int { waiting.count }

  func contains(_ id: ConnectionQueue.ID) -> Bool { waiting.contains(id) }

  mutating func append(_ id: ConnectionQueue.ID) {
    entries.append(id)
    waiting.insert(id)
  }

  /// Removes a request wherever it is.
  mutating func remove(_ id: ConnectionQueue.ID) {
    waiting.remove(id)
    while let first, !waiting.contains(first) { entries.removeFirst() }
    // Not for each one, because that takes as long as there are entries.
    if entries.count > 2 * waiting.count { entries.removeAll { !waiting.contains($0) } }
  }
}
