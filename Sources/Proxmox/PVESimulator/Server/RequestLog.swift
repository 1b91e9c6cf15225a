import Synchronization

/// A recorded request.
package struct SimulatedRequest: Hashable, Sendable {
  package var method: String
  /// Below `/api2/json` and without the query, as in ``Fault/path``.
  package var path: String
  /// After the question mark.
  package var query: String
}

/// Counts and records requests, the last 100,000.
final class RequestLog: Sendable {
  struct Entries {
    var requests: [SimulatedRequest] = []
    var connections = 0
    var credentials = 0
  }

  private static let limit = 100_000
  private let entries = Mutex(Entries())

  var current: Entries { entries.withLock { $0 } }

  func recordConnection() { entries.withLock { $0.connections += 1 } }

  func record(_ request: SimulatedRequest, hasCredentials: Bool) {
    entries.withLock { entries in
      if entries.requests.count >= Self.limit { entries.requests.removeFirst(Self.limit / 2) }
      entries.requests.append(request)
      if hasCredentials { entries.credentials += 1 }
    }
  }

  func clear() { entries.withLock { $0 = Entries() } }
}
