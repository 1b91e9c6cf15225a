import Synchronization

/// A number that several threads increase; relaxed, because nothing else depends on its value.
struct Counter: ~Copyable, Sendable {
  private let number = Atomic(0)

  func add(_ amount: Int) { number.add(amount, ordering: .relaxed) }
  var value: Int { number.load(ordering: .relaxed) }
}

func counters<let count: Int>() -> InlineArray<count, Counter> { InlineArray { _ in Counter() } }
