import NIOCore

/// The connections to one upstream that takes only so many at a time, and those that wait for one.
///
/// The first of those whose own limit allows it is next: routes to one upstream may state different limits.
package struct ConnectionQueue {
  /// A connection, or whoever waits for one.
  package typealias ID = UInt64

  package enum Arrival: Hashable {
    case granted
    /// It has to wait; these connections at rest should be closed to make room.
    case waits(closing: [ID])
  }

  /// The open connections, and those being opened.
  private var open: Set<ID> = []
  /// Those of them that serve nobody just now, the longest first.
  private var resting: [ID] = []
  /// Each with its limit, which allows no connection more than there are.
  private var waiting = CircularBuffer<(id: ID, limit: Int)>()

  /// As stated last.
  private var limit = Int.max

  package init() {}

  /// Whether another one would have to wait until somebody has been served.
  package var isFull: Bool { !waiting.isEmpty || open.count - resting.count >= limit }

  package var isEmpty: Bool { open.isEmpty && waiting.isEmpty }

  package mutating func arrive(_ id: ID, limit: Int) -> Arrival {
    self.limit = limit
    if open.count < limit {
      open.insert(id)
      return .granted
    }
    waiting.append((id, limit))
    // More than one where the limit was lowered.
    let yielding = Array(resting.prefix(open.count - limit + 1))
    resting.removeFirst(yielding.count)
    return .waits(closing: yielding)
  }

  /// Whether a connection may stay open without serving anybody: not while others wait.
  package mutating func rest(_ id: ID) -> Bool {
    guard waiting.isEmpty, open.contains(id) else { return false }
    resting.append(id)
    return true
  }

  /// Whether a connection at rest may serve again: not ahead of those that wait.
  package mutating func resume(_ id: ID) -> Bool {
    guard waiting.isEmpty, let index = resting.firstIndex(of: id) else { return false }
    resting.remove(at: index)
    return true
  }

  /// Gives up waiting; false if it did not wait.
  package mutating func withdraw(_ id: ID) -> Bool {
    guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
    waiting.remove(at: index)
    return true
  }

  /// The connection is closed, or was never made. Returns who is next.
  package mutating func end(_ id: ID) -> [ID] {
    guard open.remove(id) != nil else { return [] }
    resting.removeAll { $0 == id }
    return admitNext()
  }

  private mutating func admitNext() -> [ID] {
    var admitted: [ID] = []
    while let next = waiting.firstIndex(where: { open.count < $0.limit }) {
      let id = waiting.remove(at: next).id
      open.insert(id)
      admitted.append(id)
    }
    return admitted
  }
}
