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
}

extension Duration {
  fileprivate var inNanoseconds: Int128 { attoseconds / 1_000_000_000 }
}
