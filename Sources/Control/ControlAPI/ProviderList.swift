package import JSONDocument

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
