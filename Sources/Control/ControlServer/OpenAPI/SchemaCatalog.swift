/// The JSON Schemas of the wire types, by name.
///
/// A schema is generated from its type's own decoding, so that it cannot differ from the code: the keys that a type
/// decodes are the keys of its JSON.
final class SchemaCatalog {
  private(set) var components: [String: JSONNode] = [:]

  /// A type's schema, as a reference if the type has a name, and a sample value for a type that contains it.
  func read<Value: Decodable>(_ type: Value.Type) throws -> (schema: JSONNode, sample: Value) {
    guard let described = type as? any SchemaDescribed.Type else {
      let reader = KeyReader(catalog: self)
      let sample = try Value(from: reader)
      let left = (type as? any LeavesKeysOut.Type)?.optionalKeys ?? []
      let words = (type as? any NamesItsWords.Type)?.words ?? [:]
      return (component(Self.name(of: type), reader.schema(leavingOut: left, words: words)), sample)
    }
    let schema = try described.schema(in: self)
    guard let sample = described.sample as? Value else {
      throw DecodingError.typeMismatch(type, .init(codingPath: [], debugDescription: "a sample of another type"))
    }
    return (schema, sample)
  }

  func schema(of type: any WireType.Type) throws -> JSONNode {
    func opened<Value: WireType>(_ type: Value.Type) throws -> JSONNode { try read(type).schema }
    return try opened(type)
  }

  /// Stores a schema under a name and returns the reference to it.
  func component(_ name: String, _ schema: JSONNode) -> JSONNode {
    components[name] = schema
    return ["$ref": "#/components/schemas/\(name)"]
  }

  /// The schema, or null.
  static func nullable(_ schema: JSONNode) -> JSONNode {
    guard case .text(let type)? = schema.members["type"] else { return ["anyOf": [schema, ["type": "null"]]] }
    var members = schema.members
    members["type"] = [.text(type), "null"]
    if case .list(let words)? = members["enum"] { members["enum"] = .list(words + [.null]) }
    return .object(members)
  }

  /// A text that is one of these words.
  static func words(_ words: [String]) -> JSONNode {
    ["type": "string", "enum": .list(words.map(JSONNode.text))]
  }

  /// `ControlAPI.ReadinessAnswer.Cluster` is `ReadinessAnswerCluster`, `ControlAPI.RouteJSON` is `Route`.
  private static func name(of type: Any.Type) -> String {
    let words = String(reflecting: type).split { !$0.isLetter && !$0.isNumber }
    return words.filter { $0 != "ControlAPI" && $0 != "Swift" }
      .map { $0.hasSuffix("JSON") ? $0.dropLast(4) : $0 }.joined()
  }
}

/// The type of an operation's answer.
typealias WireType = Decodable & Sendable

/// A type whose schema cannot be generated from its decoding: scalars, collections, enums.
protocol SchemaDescribed: Decodable {
  static func schema(in catalog: SchemaCatalog) throws -> JSONNode
  static var sample: Self { get }
}

/// A type some of whose texts are limited to a few words, by key.
protocol NamesItsWords {
  static var words: [String: [String]] { get }
}

/// A type that does not always write all its keys.
protocol LeavesKeysOut {
  static var optionalKeys: Set<String> { get }
}
