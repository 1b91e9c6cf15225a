package import FoundationEssentials
package import JSONDocument

/// `GET /v1/routes`, ordered by alias.
package struct RouteList: Decodable, Hashable, Sendable {
  package var generation: UInt64
  /// When this generation was created; the health values are current.
  package var asOf: Date
  package var routes: [RouteJSON]

  package init(generation: UInt64, asOf: Date, routes: [RouteJSON]) {
    (self.generation, self.asOf, self.routes) = (generation, asOf, routes)
  }

  private enum CodingKeys: String, CodingKey {
    case generation, routes
    case asOf = "as_of"
  }

  /// Writes everything before the first route, an element of the list.
  package static func begin(_ json: inout JSONWriter, generation: UInt64, asOf: Date) {
    json.beginObject()
    json.field(CodingKeys.asOf, asOf)
    json.field(CodingKeys.generation, generation)
    json.key(CodingKeys.routes.stringValue)
    json.beginArray()
  }
}

/// `GET /v1/providers`: every route by its provider, including excluded ones.
package struct ProviderList: Decodable, Hashable, Sendable {
  package var generation: UInt64
  package var providers: [String: [RouteJSON]]

  package init(generation: UInt64, providers: [String: [RouteJSON]]) {
    (self.generation, self.providers) = (generation, providers)
  }

  /// Writes everything before the first provider, a field of the object.
  package static func begin(_ json: inout JSONWriter, generation: UInt64) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.key(CodingKeys.providers.stringValue)
    json.beginObject()
  }
}
