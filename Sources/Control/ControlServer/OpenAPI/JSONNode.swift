import JSONDocument

/// A JSON value that is put together in code.
enum JSONNode: JSONWritable, Hashable, Sendable {
  case null
  case text(String)
  case number(UInt64)
  case flag(Bool)
  case list([JSONNode])
  case object([String: JSONNode])

  func write(to json: inout JSONWriter) {
    switch self {
    case .null: json.writeNull()
    case .text(let text): json.write(text)
    case .number(let number): json.write(number)
    case .flag(let flag): json.write(flag)
    case .list(let nodes): nodes.write(to: &json)
    case .object(let members): members.write(to: &json)
    }
  }

  /// The members of an object; empty for another value.
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
