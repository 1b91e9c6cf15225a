import Foundation

/// A raw JSON value: the agent's output is tested in this form, not through the types that produced it.
///
/// Not expressible by `nil`, which would mean "nothing yet" in a condition of `eventually` instead of a value.
package enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  package init(parsing bytes: [UInt8]) throws { self = try JSONDecoder().decode(JSON.self, from: Data(bytes)) }

  package init(parsing text: String) throws { try self.init(parsing: Array(text.utf8)) }

  /// A member, or `null`.
  package subscript(_ key: String) -> JSON {
    guard case .object(let members) = self else { return .null }
    return members[key] ?? .null
  }

  /// An element, or `null`.
  package subscript(_ index: Int) -> JSON { elements.indices.contains(index) ? elements[index] : .null }

  package var elements: [JSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  package var members: [String: JSON] {
    guard case .object(let members) = self else { return [:] }
    return members
  }

  package var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  package var int: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }

  package var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The first element whose `key` has this value, or `null`.
  package func first(where key: String, is value: JSON) -> JSON { elements.first { $0[key] == value } ?? .null }
}

extension JSON: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(Dictionary(uniqueKeysWithValues: members))
  }
}

extension JSON: CustomStringConvertible {
  package var description: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "?"
  }
}
