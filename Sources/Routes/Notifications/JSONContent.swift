package import JSONDocument

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

extension JSONContent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.writeNull()
    case .bool(let value): json.write(value)
    case .number(let value): json.write(value)
    case .string(let value): json.write(value)
    case .array(let value): value.write(to: &json)
    case .object(let value): value.write(to: &json)
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
