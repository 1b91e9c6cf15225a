package import FoundationEssentials
import Synchronization

/// The newest events, in a bounded ring; readers follow at their own pace and do not block others.
package final class EventRing: Sendable {
  private let state: Mutex<EventRingState>

  /// - Parameter firstID: ids start from the microseconds of the wall clock, so that they increase across restarts as
  ///   long as the agent produces fewer than a million events a second and the clock is not set back.
  package init(capacity: Int = 4096, firstID: UInt64 = EventRing.firstID(at: Date())) {
    state = Mutex(EventRingState(capacity: capacity, lastID: firstID))
  }

  /// Positive and far below the maximum with any clock.
  package static func firstID(at date: Date) -> UInt64 {
    UInt64(min(max(1, date.timeIntervalSince1970 * 1_000_000), 9e18))
  }

  /// The id of the newest event.
  package var lastID: UInt64 { state.withLock { $0.lastID } }

  /// Appends events and wakes the readers.
  package func append(_ payloads: [Event.Payload], at date: Date = Date()) {
    guard !payloads.isEmpty else { return }
    let waiters = state.withLock { state in
      for payload in payloads { state.append(payload, at: date) }
      return state.removeWaiters()
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Events after `since` (nil: from now on), followed by live ones, until the reader's task ends.
  ///
  /// If `since` is unknown or too old, or the reader falls behind the ring, an `overflow` comes first.
  package func events(since: UInt64?) -> AsyncStream<Event> {
    let cursor = Mutex(EventCursor(since: since ?? lastID))
    return AsyncStream { [self] in
      while !Task.isCancelled {
        if let event = cursor.withLock({ cursor in state.withLock { $0.next(after: &cursor) } }) { return event }
        await wait(after: cursor.withLock { $0.position })
      }
      return nil
    }
  }

  private func wait(after position: UInt64) async {
    let ticket = state.withLock { $0.newTicket() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isParked = state.withLock { state in
          state.lastID == position && state.park(continuation, ticket: ticket)
        }
        if !isParked { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.cancel(ticket) }?.resume()
    }
    state.withLock { $0.forget(ticket) }
  }
}
