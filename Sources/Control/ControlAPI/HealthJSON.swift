package import JSONDocument

/// A route's health: `view=full`, and inside a ``RouteJSON``.
package struct HealthJSON: Decodable, Hashable, Sendable {
  /// `unknown`, `healthy`, `napping`, `starting`, `unhealthy` or `error`.
  package var status: String
  /// The time since the service came up; 0 while it is down.
  package var uptimeMilliseconds: Int64
  /// Of the last successful probe.
  package var latencyMicroseconds: Int64?
  package var detail: String

  package init(status: String, uptimeMilliseconds: Int64, latencyMicroseconds: Int64?, detail: String) {
    self.status = status
    self.uptimeMilliseconds = uptimeMilliseconds
    self.latencyMicroseconds = latencyMicroseconds
    self.detail = detail
  }

  private enum CodingKeys: String, CodingKey {
    case status, detail
    case uptimeMilliseconds = "uptime_ms"
    case latencyMicroseconds = "latency_us"
  }
}

/// ``HealthJSON`` without its text: `view=summary`.
package struct HealthSummary: Decodable, Hashable, Sendable {
  package var status: String
  package var uptimeMilliseconds: Int64
  package var latencyMicroseconds: Int64?

  package init(status: String, uptimeMilliseconds: Int64, latencyMicroseconds: Int64?) {
    (self.status, self.uptimeMilliseconds) = (status, uptimeMilliseconds)
    self.latencyMicroseconds = latencyMicroseconds
  }

  private enum CodingKeys: String, CodingKey {
    case status
    case uptimeMilliseconds = "uptime_ms"
    case latencyMicroseconds = "latency_us"
  }
}

extension HealthJSON: JSONWritable {
  /// A part that changes independently of the object around it, in the order in which they are written.
  package enum Part: Int, CaseIterable { case detail, latency, status, uptime }

  package func write(to json: inout JSONWriter) { Self.write(to: &json) { write($0, to: &$1) } }

  /// Writes the object.
  ///
  /// - Parameter writePart: writes the value of a part.
  package static func write(to json: inout JSONWriter, _ writePart: (Part, inout JSONWriter) -> Void) {
    json.beginObject()
    for part in Part.allCases {
      json.key(key(of: part).stringValue)
      writePart(part, &json)
    }
    json.endObject()
  }

  /// Writes the value of a part.
  package func write(_ part: Part, to json: inout JSONWriter) {
    switch part {
    case .detail: json.write(detail)
    case .latency: latencyMicroseconds.write(to: &json)
    case .status: json.write(status)
    case .uptime: json.write(uptimeMilliseconds)
    }
  }

  private static func key(of part: Part) -> CodingKeys {
    switch part {
    case .detail: .detail
    case .latency: .latencyMicroseconds
    case .status: .status
    case .uptime: .uptimeMilliseconds
    }
  }
}

extension HealthSummary: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.latencyMicroseconds, latencyMicroseconds)
    json.field(CodingKeys.status, status)
    json.field(CodingKeys.uptimeMilliseconds, uptimeMilliseconds)
    json.endObject()
  }
}

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
