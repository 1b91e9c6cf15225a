/// The newest events, in a bounded ring; readers follow without holding anybody up.
package final class EventRing: Sendable {
  package init(capacity: Int = 4096) {}

  /// The id of the newest event.
  package var lastID: UInt64 { fatalError("unbuilt") }

  /// Events after `since` (nil: from now on), then live ones. Where `since` is unknown or too old, or the reader falls
  /// behind the ring, an `overflow` comes first.
  package func events(since: UInt64?) -> AsyncStream<Event> { fatalError("unbuilt") }
}
