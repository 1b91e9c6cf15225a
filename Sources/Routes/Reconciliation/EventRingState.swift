import FoundationEssentials

/// The position of a reader in the ring.
struct EventCursor: Sendable {
  /// The id of the last event that it received.
  var position: UInt64
  init(since: UInt64) { position = since }
}

/// The state of the ring, protected by the lock.
struct EventRingState: Sendable {
  private let capacity: Int
  private var ring: [Event] = []
  private var start = 0
  private(set) var lastID: UInt64
  private var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
  private var cancelled: Set<UInt64> = []
  private var lastTicket: UInt64 = 0

  init(capacity: Int, lastID: UInt64) { (self.capacity, self.lastID) = (max(1, capacity), lastID) }

  mutating func append(_ payload: Event.Payload, at date: Date) {
    lastID += 1
    let event = Event(id: lastID, at: date, payload: payload)
    if ring.count < capacity {
      ring.append(event)
    } else {
      ring[start] = event
      start = (start + 1) % capacity
    }
  }

  /// Returns the next event for a reader and moves the cursor; nil if the reader has received all.
  func next(after cursor: inout EventCursor) -> Event? {
    let oldest = lastID - UInt64(ring.count) + 1
    if cursor.position > lastID || cursor.position + 1 < oldest {
      cursor.position = cursor.position > lastID ? lastID : oldest - 1
      return Event(id: cursor.position, at: Date(), payload: .overflow)
    }
    guard cursor.position < lastID else { return nil }
    cursor.position += 1
    return ring[(start + Int(cursor.position - oldest)) % ring.count]
  }

  mutating func newTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  /// Returns false if the reader was cancelled before it could wait.
  mutating func park(_ continuation: CheckedContinuation<Void, Never>, ticket: UInt64) -> Bool {
    guard cancelled.remove(ticket) == nil else { return false }
    waiters[ticket] = continuation
    return true
  }

  mutating func cancel(_ ticket: UInt64) -> CheckedContinuation<Void, Never>? {
    if let waiter = waiters.removeValue(forKey: ticket) { return waiter }
    cancelled.insert(ticket)
    return nil
  }

  /// Removes a ticket whose wait is over.
  mutating func forget(_ ticket: UInt64) { cancelled.remove(ticket) }

  mutating func removeWaiters() -> [CheckedContinuation<Void, Never>] {
    defer { waiters.removeAll() }
    return Array(waiters.values)
  }
}
