/// Keeps a duration that may be absent in eight bytes instead of seventeen; what is finer than a nanosecond is dropped.
@propertyWrapper
package struct Nanoseconds: Hashable, Sendable {
  /// No duration is `Int64.min`, which lies 292 years back.
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
