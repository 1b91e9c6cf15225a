package import FoundationEssentials

/// The health of a route. The raw values are what the socket says.
package enum HealthStatus: String, Sendable, CaseIterable {
  case unknown, healthy, napping, starting, unhealthy, error
}

/// What is known of a route's health at one moment.
package struct HealthReport: Hashable, Sendable {
  package var status: HealthStatus
  /// When the status last changed.
  package var since: Date
  /// Nil until the first probe ended.
  package var lastChecked: Date?
  /// Of the last successful probe.
  package var latency: Duration?
  /// One line for a person: `200 OK`, `connection refused`, `not checked yet`.
  package var detail: String
  /// Why it is not healthy; nil while it is.
  package var cause: String?
  /// Since when the service has been up without a break; nil while it is not.
  package var upSince: ContinuousClock.Instant?

  package init(
    status: HealthStatus, since: Date, lastChecked: Date? = nil, latency: Duration? = nil, detail: String,
    cause: String? = nil, upSince: ContinuousClock.Instant? = nil
  ) {
    self.status = status
    self.since = since
    self.lastChecked = lastChecked
    self.latency = latency
    self.detail = detail
    self.cause = cause
    self.upSince = upSince
  }

  /// How long the service has been up; zero while it is not.
  package func uptime(at now: ContinuousClock.Instant = .now) -> Duration {
    upSince.map { now - $0 } ?? .zero
  }

  /// What a person wants to read first: the cause of trouble, else what the probe says.
  package var summary: String { status == .unknown ? detail : cause ?? detail }

  package static func unknown(_ detail: String, at date: Date = Date()) -> HealthReport {
    HealthReport(status: .unknown, since: date, detail: detail)
  }
}
