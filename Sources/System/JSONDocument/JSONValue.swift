/// A JSON value, read leniently: PVE sends numbers as strings, booleans as 0 and 1, and null for "absent".
///
/// Each accessor states the wanted kind of number, and returns one within its bounds.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The largest integer that every JSON implementation represents exactly (RFC 7493 §2.2); larger ones are not
  /// accepted as integers.
  package static let maxInteger = 1 << 53

  /// A hundred years.
  private static let maxSeconds = 3_155_760_000
  /// The last second of the year 9999.
  private static let lastSecond = 253_402_300_799

  /// An integer, also from a text or a fraction of integral value.
  package var int: Int? { int(in: -Self.maxInteger...Self.maxInteger) }

  /// Nil for a value that is not an integer or is outside the range.
  package func int(in range: ClosedRange<Int>) -> Int? {
    let value: Int? =
      switch self {
      case .int(let value): value
      case .double(let value): Int(exactly: value)
      case .string(let text): Int(text)
      case .bool(let value): value ? 1 : 0
      case .null, .array, .object: nil
      }
    return value.flatMap { range.contains($0) ? $0 : nil }
  }

  /// A duration in seconds, clamped to zero and a hundred years; nil for a value that is not a number.
  package var seconds: Int? {
    switch self {
    case .double(let value): Int(min(max(0, value), Double(Self.maxSeconds)))
    default: int(in: .min ... .max).map { min(max(0, $0), Self.maxSeconds) }
    }
  }

  /// A time in seconds since 1970; nil from the year 10000 on.
  package var time: Int? { int(in: 0...Self.lastSecond) }

  /// A text, or the text of a number. An empty text counts as a text.
  package var string: String? {
    switch self {
    case .string(let text): text
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .bool, .null, .array, .object: nil
    }
  }

  /// `true`, any number but 0, or a text of either.
  package var bool: Bool? {
    switch self {
    case .bool(let value): value
    case .int(let value): value != 0
    case .double(let value): value != 0
    case .string("1"), .string("true"): true
    case .string("0"), .string("false"), .string(""): false
    case .string, .null, .array, .object: nil
    }
  }

  package var array: [JSONValue]? {
    if case .array(let values) = self { values } else { nil }
  }

  package var object: [String: JSONValue]? {
    if case .object(let fields) = self { fields } else { nil }
  }

  /// A field of an object; null if it is missing.
  package subscript(_ key: String) -> JSONValue { object?[key] ?? .null }

  /// A text that is not empty.
  package var nonEmptyString: String? { string.flatMap { $0.isEmpty ? nil : $0 } }
}
