/// Stores an optional duration in eight bytes instead of seventeen, with nanosecond precision.
@propertyWrapper
package struct Nanoseconds: Hashable, Sendable {
  /// `Int64.min`, which would be 292 years in the past, represents nil.
  private var count = Int64.min

  package init(wrappedValue: Duration?) { self.wrappedValue = wrappedValue }

  package var wrappedValue: Duration? {
    get { count == .min ? nil : .nanoseconds(count) }
    set { count = newValue.map { Int64(clamping: $0.inNanoseconds) } ?? .min }
  }

  /// Whole microseconds.
  var microseconds: Int64? { count == .min ? nil : count / 1000 }
}

extension Duration {
  fileprivate var inNanoseconds: Int128 { attoseconds / 1_000_000_000 }
}

/// A point in time that takes eight bytes: one of the clock's own takes sixteen, and with its absence thirty-two.
package struct CompactInstant: Hashable, Comparable, Sendable {
  /// All are counted from here.
  private static let origin = ContinuousClock.now

  /// In nanoseconds, 292 years to either side.
  private let count: Int64

  package init(_ instant: ContinuousClock.Instant) { count = Int64(clamping: (instant - Self.origin).inNanoseconds) }

  package var instant: ContinuousClock.Instant { Self.origin + .nanoseconds(count) }

  package static func < (left: Self, right: Self) -> Bool { left.count < right.count }

  package static var now: CompactInstant { CompactInstant(.now) }

  /// Whole microseconds since an earlier instant; 0 for a later one.
  func microseconds(since earlier: CompactInstant) -> Int64 {
    let (difference, overflow) = count.subtractingReportingOverflow(earlier.count)
    return overflow ? (count < 0 ? 0 : .max / 1000) : max(0, difference) / 1000
  }
}

/// Keeps an instant that may be absent as a ``CompactInstant``.
@propertyWrapper
package struct Compact: Hashable, Sendable {
  private var compact: CompactInstant?

  package init(wrappedValue: ContinuousClock.Instant?) { compact = wrappedValue.map(CompactInstant.init) }

  package var projectedValue: CompactInstant? { compact }

  package var wrappedValue: ContinuousClock.Instant? {
    get { compact?.instant }
    set { compact = newValue.map(CompactInstant.init) }
  }
}
