/// Stores a rarely present value in eight bytes: nothing, or a box that copies share until one is changed.
@propertyWrapper
package struct Rare<Value: Hashable & Sendable>: Hashable, Sendable {
  /// An array with one element serves as the box.
  private var box: [Value] = []

  package init() {}

  package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  package var wrappedValue: Value? {
    get { box.first }
    set { box = newValue.map { [$0] } ?? [] }
  }
}
