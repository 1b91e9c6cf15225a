import ControlAPI
import FoundationEssentials
import RouteModel
import RouteRegistry

extension HealthJSON {
  init(_ report: HealthReport, at now: CompactInstant = .now) {
    let numbers = report.numbers(at: now)
    self.init(
      status: numbers.status.rawValue, uptimeMilliseconds: numbers.uptimeMicroseconds / 1000,
      latencyMicroseconds: numbers.latencyMicroseconds, detail: report.summary)
  }
}

extension HealthSummary {
  init(_ numbers: HealthNumbers) {
    self.init(
      status: numbers.status.rawValue, uptimeMilliseconds: numbers.uptimeMicroseconds / 1000,
      latencyMicroseconds: numbers.latencyMicroseconds)
  }
}

extension HealthDetail {
  init(_ entry: RegistrySnapshot.Entry, at now: Date = Date()) {
    let cell = entry.route.health
    let (report, history) = (cell.report, cell.summary(at: now))
    self.init(
      key: entry.key, alias: entry.route.alias.text, target: entry.route.target?.description,
      health: HealthJSON(report),
      since: report.since, lastChecked: report.lastChecked, cause: report.cause)
    isFlapping = report.flapping != nil
    certificateDaysLeft = report.certificateEnd.map { Int(($0.timeIntervalSince(now) / 86400).rounded(.down)) }
    phases = report.phases.map(HealthPhases.init)
    uptime = UptimeRatios(hour: history.hour, day: history.day, week: history.week, month: history.month)
    observedMilliseconds = history.observed
    latency = LatencySummary(p50: history.p50, p95: history.p95, p99: history.p99, recent: history.recent)
    uptimeByHour = history.byHour
  }
}

extension HealthPhases {
  fileprivate init(_ phases: ProbePhases) {
    self.init(
      dns: phases.nameLookup?.inMicroseconds, connect: phases.connect?.inMicroseconds,
      tls: phases.tlsHandshake?.inMicroseconds, firstByte: phases.firstByte?.inMicroseconds)
  }
}

extension Duration {
  fileprivate var inMicroseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
