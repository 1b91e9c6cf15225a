/// A route's health: `view=full`, and part of a ``Route``.
package struct Health: Codable, Hashable, Sendable {
  /// `unknown`, `healthy`, `napping`, `starting`, `unhealthy` or `error`.
  package var status: String
  /// The time since the service came up; 0 while it is down.
  package var uptimeMilliseconds: Int64
  /// The latency of the last successful probe.
  @ExplicitNull package var latencyMicroseconds: Int64?
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

/// ``Health`` without its text: `view=summary`.
package struct HealthSummary: Codable, Hashable, Sendable {
  package var status: String
  package var uptimeMilliseconds: Int64
  @ExplicitNull package var latencyMicroseconds: Int64?

  package init(status: String, uptimeMilliseconds: Int64, latencyMicroseconds: Int64?) {
    (self.status, self.uptimeMilliseconds) = (status, uptimeMilliseconds)
    _latencyMicroseconds = ExplicitNull(wrappedValue: latencyMicroseconds)
  }

  private enum CodingKeys: String, CodingKey {
    case status
    case uptimeMilliseconds = "uptime_ms"
    case latencyMicroseconds = "latency_us"
  }
}
