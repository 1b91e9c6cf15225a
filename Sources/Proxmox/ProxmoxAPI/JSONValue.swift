/// A JSON value, read leniently: PVE sends numbers as strings, booleans as 0 and 1, and null for "absent".
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// A whole number, or a text or fraction that is one.
  package var int: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int(exactly: value)
    case .string(let text): Int(text)
    case .bool(let value): value ? 1 : 0
    case .null, .array, .object: nil
    }
  }

  /// A text, or the text of a number. An empty text is a text.
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

  /// A field of an object; null where there is none.
  package subscript(_ key: String) -> JSONValue { object?[key] ?? .null }

  /// A text that is not empty.
  var nonEmptyString: String? { string.flatMap { $0.isEmpty ? nil : $0 } }
}
