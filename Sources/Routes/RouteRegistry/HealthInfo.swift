package import RouteModel

/// The health of a route as the registry tells it.
package struct HealthInfo: Hashable, Sendable {
  /// Without words.
  package struct Summary: Hashable, Sendable {
    package var status: HealthStatus
    /// How long the service has been up; zero while it is not.
    package var uptime: Duration
    /// Of the last successful probe; nil where there was none.
    package var latency: Duration?
  }

  package var summary: Summary
  /// One line for a person: the cause of trouble, else what the last probe found.
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

// By key, so that routes with one alias in several pools never share an entry.
extension RegistrySnapshot {
  /// The health of every route at this moment. O(n), with a lock taken for each.
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
