import ControlAPI
import FoundationEssentials

extension String: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "string"] }
  static var sample: String { "" }
}

extension Bool: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "boolean"] }
  static var sample: Bool { false }
}

extension Double: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "number"] }
  static var sample: Double { 0 }
}

extension SchemaDescribed where Self: FixedWidthInteger {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "integer"] }
  static var sample: Self { 0 }
}

extension Int: SchemaDescribed {}
extension Int64: SchemaDescribed {}
extension UInt64: SchemaDescribed {}

extension Date: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "string", "format": "date-time"] }
  static var sample: Date { Date(timeIntervalSince1970: 0) }
}

extension Optional: SchemaDescribed where Wrapped: Decodable {
  static func schema(in catalog: SchemaCatalog) throws -> JSONNode {
    SchemaCatalog.nullable(try catalog.read(Wrapped.self).schema)
  }
  static var sample: Wrapped? { nil }
}

extension Array: SchemaDescribed where Element: Decodable {
  static func schema(in catalog: SchemaCatalog) throws -> JSONNode {
    ["type": "array", "items": try catalog.read(Element.self).schema]
  }
  static var sample: [Element] { [] }
}

extension Dictionary: SchemaDescribed where Key == String, Value: Decodable {
  static func schema(in catalog: SchemaCatalog) throws -> JSONNode {
    ["type": "object", "additionalProperties": try catalog.read(Value.self).schema]
  }
  static var sample: [String: Value] { [:] }
}

extension LinkedResourceJSON.Kind: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { ["type": "string", "enum": ["node", "guest"]] }
  static var sample: LinkedResourceJSON.Kind { .node }
}

extension LinkJSON: SchemaDescribed {
  static func schema(in catalog: SchemaCatalog) throws -> JSONNode {
    let resource = try catalog.read(LinkedResourceJSON.self).schema
    let linked = catalog.components["LinkedResource"]?.members["properties"]?.members ?? [:]
    let variants: [JSONNode] = [
      variant("linked", linked),
      variant("ambiguous", ["candidates": ["type": "array", "items": resource], "detail": text]),
      variant("unlinked", ["reason": text, "detail": text]),
    ]
    return catalog.component("Link", ["oneOf": .list(variants)])
  }

  static var sample: LinkJSON { .unlinked(reason: "", detail: "") }

  private static var text: JSONNode { ["type": "string"] }

  private static func variant(_ state: String, _ properties: [String: JSONNode]) -> JSONNode {
    let all = properties.merging(["state": ["const": .text(state)]]) { $1 }
    return ["type": "object", "properties": .object(all), "required": .list(all.keys.sorted().map(JSONNode.text))]
  }
}

extension ErrorAnswer: LeavesKeysOut {
  static var optionalKeys: Set<String> { ["problems"] }
}
