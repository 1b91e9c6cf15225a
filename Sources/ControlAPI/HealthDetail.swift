package import FoundationEssentials

/// `GET /v1/health/{alias}`: all that is known of one route's health.
package struct HealthDetail: Codable, Hashable, Sendable {
  package var key: String
  package var alias: String
  @ExplicitNull package var target: String?
  package var status: String
  package var uptimeMilliseconds: Int64
  @ExplicitNull package var latencyMicroseconds: Int64?
  package var detail: String
  /// When the status last changed.
  package var since: Date
  @ExplicitNull package var lastChecked: Date?
  /// Why it is not healthy.
  @ExplicitNull package var cause: String?

  package init(
    key: String, alias: String, target: String?, health: Health, since: Date, lastChecked: Date?, cause: String?
  ) {
    self.key = key
    self.alias = alias
    self.target = target
    status = health.status
    uptimeMilliseconds = health.uptimeMilliseconds
    latencyMicroseconds = health.latencyMicroseconds
    detail = health.detail
    self.since = since
    self.lastChecked = lastChecked
    self.cause = cause
  }

  private enum CodingKeys: String, CodingKey {
    case key, alias, target, status, detail, since, cause
    case uptimeMilliseconds = "uptime_ms"
    case latencyMicroseconds = "latency_us"
    case lastChecked = "last_checked"
  }
}
