import HTTPMessages
import LinuxSystem
import NIOCore
import PrintableText

/// The query of a request. Parameters that its path does not have are refused.
struct RequestQuery: Sendable {
  private var values: [(name: String, value: String)] = []

  init(_ text: String, known parameters: [QueryParameter]) throws(APIFailure) {
    let known = parameters.map(\.name)
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentCoding.decode(parts[0]),
        let value = PercentCoding.decode(parts.count == 2 ? parts[1] : "")
      else { throw .badRequest("malformed_query", "the query has a broken percent-encoding: \(pair.excerpt)") }
      guard known.contains(name) else { throw Self.unknown(name, known: known) }
      values.append((name, value))
    }
  }

  var isEmpty: Bool { values.isEmpty }

  /// Every value of a parameter, in order.
  func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

  /// The value of a parameter that may occur once; nil if it is absent or empty.
  func single(_ name: String) throws(APIFailure) -> String? {
    let found = all(name)
    guard found.count <= 1 else { throw .badRequest("repeated_parameter", "'\(name)' occurs twice in the query") }
    return found.first.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Every value of a parameter whose values are the words of an enum.
  func all<Word: RawRepresentable & CaseIterable>(
    _ name: String, as _: Word.Type
  ) throws(APIFailure) -> [Word] where Word.RawValue == String {
    var words: [Word] = []
    for value in all(name) {
      guard let word = Word(rawValue: value) else {
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw .badRequest("invalid_parameter", "'\(name)' cannot be '\(value.excerpt)'", hint: "it is one of: \(known)")
      }
      words.append(word)
    }
    return words
  }

  /// Every value of a parameter whose values are whole numbers.
  func allNumbers(_ name: String, in range: ClosedRange<UInt64>) throws(APIFailure) -> [UInt64] {
    var numbers: [UInt64] = []
    for value in all(name) {
      guard let number = UInt64(value), range.contains(number) else {
        throw .badRequest(
          "invalid_parameter",
          "'\(name)' wants a whole number from \(range.lowerBound) to \(range.upperBound), found '\(value.excerpt)'")
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func unknown(_ name: String, known: [String]) -> APIFailure {
    .badRequest(
      "unknown_parameter", "there is no parameter '\(name.excerpt)' here",
      hint: known.isEmpty ? "this path takes none" : "the parameters are: " + known.joined(separator: ", "))
  }
}

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

/// A request for one of the operations.
struct APIRequest: Sendable {
  /// The value of `{alias}` in the path.
  var alias: String
  var query: RequestQuery
  var head: RequestHead
  var channel: any Channel

  var lastEventID: String? {
    let fields = head.fields
    return fields.lines.first { fields.name(of: $0).lowercased() == "last-event-id" }.map(fields.value)
  }
}
