import NIOCore

/// Exchanges that wait for a stream of an ``HTTP2UpstreamPool``, the oldest first.
struct WaitingExchanges {
  private struct Entry {
    let exchange: Exchange
    /// For the upstream to begin its response, including the wait.
    let deadline: NIODeadline
  }

  /// Also exchanges that are over, until they are the first ones or ``maxEntries`` is reached.
  private var entries = CircularBuffer<Entry>()
  private var maxEntries = Self.minEntries

  private static let minEntries = 64

  /// Whether no exchange waits. Removes those that are over before the first one that waits.
  mutating func isEmpty() -> Bool {
    while let first = entries.first, first.exchange.isOver { entries.removeFirst() }
    return entries.isEmpty
  }

  /// The first deadline of an exchange that waits.
  var deadline: NIODeadline {
    entries.reduce(.distantFuture) { $1.exchange.isOver ? $0 : min($0, $1.deadline) }
  }

  mutating func append(_ exchange: Exchange, until deadline: NIODeadline) {
    if !isEmpty(), entries.count >= maxEntries {
      // Not for each one, because that takes as long as there are entries.
      entries.removeAll(where: \.exchange.isOver)
      maxEntries = max(Self.minEntries, 2 * entries.count)
    }
    entries.append(Entry(exchange: exchange, deadline: deadline))
  }

  mutating func popFirst() -> Exchange? {
    while let exchange = entries.popFirst()?.exchange {
      if !exchange.isOver { return exchange }
    }
    return nil
  }

  /// Removes and returns the exchanges whose deadline has passed.
  mutating func removeOverdue(at now: NIODeadline) -> [Exchange] {
    let overdue = entries.filter { $0.deadline <= now }
    entries.removeAll { $0.deadline <= now }
    return overdue.map(\.exchange)
  }

  mutating func removeAll() -> [Exchange] {
    defer { entries = [] }
    return entries.map(\.exchange)
  }
}
