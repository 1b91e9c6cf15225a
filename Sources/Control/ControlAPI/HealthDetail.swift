package import FoundationEssentials

/// A route's health in full: `GET /v1/health/{alias}`, and the values of `GET /v1/health?view=history`.
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
  /// Why the route is not healthy.
  @ExplicitNull package var cause: String?
  /// Whether the status changes so often that it means little.
  package var isFlapping = false
  /// Whole days until the upstream's certificate expires, negative afterwards; null without TLS.
  @ExplicitNull package var certificateDaysLeft: Int?
  /// The phases of the last successful probe; null before the first, and if probes do not connect.
  @ExplicitNull package var phases: HealthPhases?
  package var uptime = UptimeRatios()
  package var latency = LatencySummary()
  /// The uptime ratio of each of the last 24 hours, the current one last; null if it is not known.
  package var uptimeByHour: [Double?] = []

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
    certificateDaysLeft = nil
    phases = nil
  }

  private enum CodingKeys: String, CodingKey {
    case key, alias, target, status, detail, since, cause, uptime, latency
    case uptimeMilliseconds = "uptime_ms"
    case latencyMicroseconds = "latency_us"
    case lastChecked = "last_checked"
    case isFlapping = "flapping"
    case certificateDaysLeft = "certificate_days_left"
    case phases = "phases_us"
    case uptimeByHour = "uptime_24h"
  }
}
