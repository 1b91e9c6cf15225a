/// A parameter of an operation's query, and its possible values.
struct QueryParameter: Sendable {
  enum Values: Sendable {
    case text
    case address
    case words([String])
    case numbers(ClosedRange<UInt64>)
  }

  var name: String
  var values: Values
  /// Whether it may be given several times; the values are alternatives.
  var isRepeatable: Bool

  init(_ name: String, _ values: Values = .text, isRepeatable: Bool = false) {
    (self.name, self.values, self.isRepeatable) = (name, values, isRepeatable)
  }

  /// A parameter with the words of an enum as its values.
  init<Word: RawRepresentable & CaseIterable>(
    _ name: String, of _: Word.Type, isRepeatable: Bool = false
  ) where Word.RawValue == String {
    self.init(name, .words(Word.allCases.map(\.rawValue)), isRepeatable: isRepeatable)
  }
}
