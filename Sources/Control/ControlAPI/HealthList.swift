/// `GET /v1/health`, by route key; the value is a ``Health``, a ``HealthSummary``, a ``HealthDetail`` or only the
/// status, depending on `view`.
package struct HealthList<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var health: [String: Value]

  package init(generation: UInt64, health: [String: Value]) { (self.generation, self.health) = (generation, health) }
}
