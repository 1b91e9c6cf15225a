package import FoundationEssentials
package import JSONDocument

/// The complete health of one route: `GET /v1/health/{alias}`, and the values of `GET /v1/health?view=history`.
package struct HealthDetail: Decodable, Hashable, Sendable {
  package var key: String
  package var alias: String
  package var target: String?
  package var status: String
  package var uptimeMilliseconds: Int64
  package var latencyMicroseconds: Int64?
  package var detail: String
  /// When the status last changed.
  package var since: Date
  package var lastChecked: Date?
  /// Why it is not healthy.
  package var cause: String?
  /// Whether the status changes too often to be meaningful.
  package var isFlapping = false
  /// Whole days until the upstream's certificate expires, negative afterwards; null without TLS.
  package var certificateDaysLeft: Int?
  /// Of the last successful probe; null before the first, and if no connection is made.
  package var phases: HealthPhases?
  package var uptime = UptimeRatios()
  /// The time of the last 30 days in which its state was known, of which ``uptime`` is a share.
  package var observedMilliseconds: Int64 = 0
  package var latency = LatencySummary()
  /// The uptime ratio of each of the last 24 hours, the current one last; null if it is not known.
  package var uptimeByHour: [Double?] = []

  package init(
    key: String, alias: String, target: String?, health: HealthJSON, since: Date, lastChecked: Date?, cause: String?
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
    case observedMilliseconds = "observed_ms"
  }
}

extension HealthDetail: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.alias, alias)
    json.field(CodingKeys.cause, cause)
    json.field(CodingKeys.certificateDaysLeft, certificateDaysLeft)
    json.field(CodingKeys.detail, detail)
    json.field(CodingKeys.isFlapping, isFlapping)
    json.field(CodingKeys.key, key)
    json.field(CodingKeys.lastChecked, lastChecked)
    json.field(CodingKeys.latency, latency)
    json.field(CodingKeys.latencyMicroseconds, latencyMicroseconds)
    json.field(CodingKeys.observedMilliseconds, observedMilliseconds)
    json.field(CodingKeys.phases, phases)
    json.field(CodingKeys.since, since)
    json.field(CodingKeys.status, status)
    json.field(CodingKeys.target, target)
    json.field(CodingKeys.uptime, uptime)
    json.field(CodingKeys.uptimeByHour, uptimeByHour)
    json.field(CodingKeys.uptimeMilliseconds, uptimeMilliseconds)
    json.endObject()
  }
}
