package import JSONDocument

/// `GET /v1/health`: by route key; the value is a ``HealthJSON``, a ``HealthSummary``, a ``HealthDetail`` or a bare status,
/// depending on `view`.
package struct HealthList<Value: Decodable & Hashable & Sendable>: Decodable, Hashable, Sendable {
  package var generation: UInt64
  package var health: [String: Value]

  package init(generation: UInt64, health: [String: Value]) { (self.generation, self.health) = (generation, health) }

  private enum CodingKeys: String, CodingKey { case generation, health }

  /// Writes everything before the first route, a field of the object.
  package static func begin(_ json: inout JSONWriter, generation: UInt64) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.key(CodingKeys.health.stringValue)
    json.beginObject()
  }
}
