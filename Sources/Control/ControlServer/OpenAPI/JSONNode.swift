/// A JSON value that is put together in code.
enum JSONNode: Encodable, Hashable, Sendable {
  case null
  case text(String)
  case number(UInt64)
  case flag(Bool)
  case list([JSONNode])
  case object([String: JSONNode])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .flag(let flag): try container.encode(flag)
    case .list(let nodes): try container.encode(nodes)
    case .object(let members): try container.encode(members)
    }
  }

  /// The members of an object; none of anything else.
  var members: [String: JSONNode] {
    if case .object(let members) = self { members } else { [:] }
  }
}

extension JSONNode: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  init(stringLiteral text: String) { self = .text(text) }
  init(arrayLiteral nodes: JSONNode...) { self = .list(nodes) }
  init(dictionaryLiteral members: (String, JSONNode)...) {
    self = .object(Dictionary(members, uniquingKeysWith: { $1 }))
  }
}
