import ControlAPI
import RouteModel
import RouteRegistry

extension Health {
  init(_ report: HealthReport) { self.init(HealthInfo(report, at: .now)) }

  init(_ info: HealthInfo) {
    self.init(
      status: info.summary.status.rawValue, uptimeMilliseconds: info.summary.uptime.inMicroseconds / 1000,
      latencyMicroseconds: info.summary.latency?.inMicroseconds, detail: info.detail)
  }
}

extension HealthSummary {
  init(_ summary: HealthInfo.Summary) {
    self.init(
      status: summary.status.rawValue, uptimeMilliseconds: summary.uptime.inMicroseconds / 1000,
      latencyMicroseconds: summary.latency?.inMicroseconds)
  }
}

extension HealthDetail {
  init(_ entry: RegistrySnapshot.Entry) {
    let report = entry.route.health.report
    self.init(
      key: entry.key, alias: entry.route.alias.text, target: entry.route.target?.description, health: Health(report),
      since: report.since, lastChecked: report.lastChecked, cause: report.cause)
  }
}

extension Duration {
  fileprivate var inMicroseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
