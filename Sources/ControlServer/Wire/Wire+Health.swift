import ControlAPI
import RouteModel
import RouteRegistry

extension Health {
  init(_ report: HealthReport) {
    self.init(
      status: report.status.rawValue, uptimeMilliseconds: report.uptime().inMicroseconds / 1000,
      latencyMicroseconds: report.latency?.inMicroseconds, detail: report.summary)
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
