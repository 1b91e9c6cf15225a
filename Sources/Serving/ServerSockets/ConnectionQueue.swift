/// The connections to one upstream with a limit, and the requests that wait for one.
///
/// The next one is the first whose own limit allows it: routes to the same upstream may have different limits.
package struct ConnectionQueue {
  /// A connection, or a request for one.
  package typealias ID = UInt64

  package enum Admission: Hashable {
    case granted
    /// It must wait; these idle connections should be closed to make room.
    case waits(closing: [ID])
    /// Too many requests wait already, or too many of the client.
    case refused
  }

  /// The maximum number of requests that wait.
  package static let maxWaiting = 10_000
  /// The maximum number of requests of one client that wait, so that others find a place.
  package static let maxWaitingPerClient = 1000

  /// The open connections, and those being opened.
  private var open: Set<ID> = []
  /// The idle ones among them, the longest idle first.
  private var idle: [ID] = []
  /// By their limit: requests must wait while there are that many connections.
  private var waiting: [Int: WaitingRequests] = [:]
  private var waitingByClient: [String: Int] = [:]
  private let maxWaiting: Int

  /// The last stated limit.
  private var limit = Int.max

  package init(maxWaiting: Int = Self.maxWaiting) { self.maxWaiting = maxWaiting }

  /// Whether another connection would have to wait until one is no longer in use.
  package var isFull: Bool { !waiting.isEmpty || open.count - idle.count >= limit }

  package var isEmpty: Bool { open.isEmpty && waiting.isEmpty }

  /// - Parameter client: its address or network.
  package mutating func request(_ id: ID, limit: Int, client: String) -> Admission {
    self.limit = limit
    if open.count < limit {
      open.insert(id)
      return .granted
    }
    let ofClient = waitingByClient[client] ?? 0
    guard ofClient < Self.maxWaitingPerClient, waiting.values.reduce(0, { $0 + $1.count }) < maxWaiting else {
      return .refused
    }
    waiting[limit, default: WaitingRequests()].append(id, of: client)
    waitingByClient[client] = ofClient + 1
    // More than one if the limit was lowered.
    let yielding = Array(idle.prefix(open.count - limit + 1))
    idle.removeFirst(yielding.count)
    return .waits(closing: yielding)
  }

  /// Marks a connection as idle; returns false while requests wait, because it must be closed then.
  package mutating func markIdle(_ id: ID) -> Bool {
    guard waiting.isEmpty, open.contains(id) else { return false }
    idle.append(id)
    return true
  }

  /// Marks an idle connection as in use; returns false while requests wait, because they come first.
  package mutating func resume(_ id: ID) -> Bool {
    guard waiting.isEmpty, let index = idle.firstIndex(of: id) else { return false }
    idle.remove(at: index)
    return true
  }

  /// Removes a waiting request; returns false if it did not wait.
  package mutating func withdraw(_ id: ID) -> Bool {
    guard let limit = waiting.first(where: { $0.value.contains(id) })?.key else { return false }
    remove(id, limit: limit)
    return true
  }

  /// Records that the connection was closed, or not opened. Returns the requests that are next.
  package mutating func end(_ id: ID) -> [ID] {
    guard open.remove(id) != nil else { return [] }
    idle.removeAll { $0 == id }
    return admitNext()
  }

  private mutating func admitNext() -> [ID] {
    // There were at least as many as the limit of each request that waits, and there is one less now.
    let limit = open.count + 1
    guard let id = waiting[limit]?.first else { return [] }
    remove(id, limit: limit)
    open.insert(id)
    return [id]
  }

  private mutating func remove(_ id: ID, limit: Int) {
    guard let client = waiting[limit]?.remove(id) else { return }
    let ofClient = waitingByClient[client] ?? 0
    waitingByClient[client] = ofClient > 1 ? ofClient - 1 : nil
    if waiting[limit]?.count == 0 { waiting[limit] = nil }
  }
}
