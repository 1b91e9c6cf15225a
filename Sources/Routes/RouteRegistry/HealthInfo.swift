package import RouteModel

/// The health of a route in the registry's answers.
package struct HealthInfo: Hashable, Sendable {
  /// The health without texts.
  package struct Summary: Hashable, Sendable {
    package var status: HealthStatus
    /// How long the service has been up; zero while it is down.
    package var uptime: Duration
    /// Of the last successful probe; nil if there was none.
    package var latency: Duration?
  }

  package var summary: Summary
  /// One line for people: the cause of a failure, else the last probe's result.
  package var detail: String
}

extension HealthInfo {
  package init(_ report: HealthReport, at now: ContinuousClock.Instant) {
    summary = Summary(report, at: now)
    detail = report.summary
  }
}

extension HealthInfo.Summary {
  package init(_ report: HealthReport, at now: ContinuousClock.Instant) {
    self.init(status: report.status, uptime: report.uptime(at: now), latency: report.latency)
  }
}

// By key, so that routes with the same alias in several pools never share an entry.
extension RegistrySnapshot {
  /// The current health of every route. O(n), with a lock taken for each.
  package var healthInfo: [(key: RouteKey, health: HealthInfo)] {
    let now = ContinuousClock.now
    return entries.map { ($0.key, HealthInfo($0.registered.route.health.report, at: now)) }
  }

  /// O(n), as ``healthInfo``.
  package var healthSummaries: [(key: RouteKey, health: HealthInfo.Summary)] {
    let now = ContinuousClock.now
    return entries.map { ($0.key, HealthInfo.Summary($0.registered.route.health.report, at: now)) }
  }

  /// O(n), as ``healthInfo``.
  package var healthStatuses: [(key: RouteKey, health: HealthStatus)] {
    entries.map { ($0.key, $0.registered.route.health.report.status) }
  }
}
