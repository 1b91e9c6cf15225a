/// A decoder without JSON: it records which keys a type decodes, and with which types, and returns sample values.
final class KeyReader: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  private let catalog: SchemaCatalog
  private var properties: [String: JSONNode] = [:]
  private var nullable: Set<String> = []

  init(catalog: SchemaCatalog) { self.catalog = catalog }

  /// The schema of the type that was decoded.
  func schema(leavingOut optional: Set<String>, words: [String: [String]]) -> JSONNode {
    for (name, words) in words {
      let schema = SchemaCatalog.words(words)
      properties[name] = nullable.contains(name) ? SchemaCatalog.nullable(schema) : schema
    }
    let required = properties.keys.filter { !optional.contains($0) }.sorted()
    return [
      "type": "object", "properties": .object(properties), "required": .list(required.map(JSONNode.text)),
    ]
  }

  func recordNullable(_ key: any CodingKey) { nullable.insert(key.stringValue) }

  func record<Value: Decodable>(_ type: Value.Type, _ key: any CodingKey) throws -> Value {
    let (schema, sample) = try catalog.read(type)
    let name = key.stringValue
    properties[name] = nullable.contains(name) ? SchemaCatalog.nullable(schema) : schema
    return sample
  }

  func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedReader<Key>(reader: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Self.undescribed }
  func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Self.undescribed }

  static var undescribed: DecodingError {
    .dataCorrupted(.init(codingPath: [], debugDescription: "a type that is no object must be SchemaDescribed"))
  }
}
