import FoundationEssentials
import JSONDocument

/// A JSON value in a template or a request body.
package enum JSONContent: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONContent])
  case object([String: JSONContent])

  static func text(_ text: String?) -> JSONContent { text.map(JSONContent.string) ?? .null }

  /// The value as part of a longer text: whole numbers without a fraction, `null` as nothing.
  var inText: String {
    switch self {
    case .null, .array, .object: ""
    case .bool(let value): String(value)
    case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
    case .string(let value): value
    }
  }

  /// The value as JSON, with sorted keys.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Fails only for a number without a JSON form, and neither JSON nor a fact contains such a number.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

extension JSONContent {
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .bool(let value): .bool(value)
      case .int(let value): .number(Double(value))
      case .double(let value): .number(value)
      case .string(let text): .string(text)
      case .array(let elements): .array(elements.map(JSONContent.init))
      case .object(let fields): .object(fields.mapValues(JSONContent.init))
      }
  }
}

extension JSONContent: Encodable {
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value):
      if let whole = Int(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONContent: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(arrayLiteral elements: JSONContent...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSONContent)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { _, last in last }))
  }
}
