import ControlAPI

extension FieldList {
  /// Adds all lines about a route's health.
  mutating func add(_ health: HealthDetail) {
    add("status", health.status, color: .ofStatus(health.status))
    add(
      "flapping", health.isFlapping ? "yes: it came and went so often of late that its status says little" : nil,
      color: .yellow)
    add("cause", health.cause, color: .red)
    add("detail", health.cause == health.detail ? nil : health.detail)
    add(
      health.status == "healthy" ? "latency" : "last latency",
      health.latencyMicroseconds.map(HumanText.latency(microseconds:)))
    add("phases", health.phases.flatMap(Self.text))
    add("latencies", Self.text(health.latency))
    add(
      "certificate", health.certificateDaysLeft.map(HealthText.certificate),
      color: health.certificateDaysLeft.flatMap(HealthText.certificateColor))
    add("up", HealthTable.uptime(health.uptimeMilliseconds))
    add("uptime", Self.text(health.uptime, observedSeconds: health.observedMilliseconds / 1000))
    add("since", HumanText.age(of: health.since))
    add("last checked", health.lastChecked.map { HumanText.age(of: $0) } ?? "never")
  }

  /// `dns 0.20 ms, connect 0.31 ms, tls 2.10 ms, first byte 5.00 ms`; nil if none is known.
  private static func text(_ phases: HealthPhases) -> String? {
    let known = [
      ("dns", phases.dns), ("connect", phases.connect), ("tls", phases.tls), ("first byte", phases.firstByte),
    ].compactMap { name, time in time.map { "\(name) \(HumanText.latency(microseconds: $0))" } }
    return known.isEmpty ? nil : known.joined(separator: ", ")
  }

  private static func text(_ latency: LatencySummary) -> String? {
    guard let p50 = latency.p50, let p95 = latency.p95, let p99 = latency.p99 else { return nil }
    let values = [("p50", p50), ("p95", p95), ("p99", p99)]
    return values.map { "\($0) \(HumanText.latency(microseconds: $1))" }.joined(separator: ", ")
  }

  /// `1h 100 %, 24h 99.98 % (observed for 3h 5m)`: up to the first window that is longer than what was observed.
  private static func text(_ uptime: UptimeRatios, observedSeconds: Int64) -> String? {
    let windows = [
      ("1h", 3600, uptime.hour), ("24h", day, uptime.day), ("7d", 7 * day, uptime.week),
      ("30d", 30 * day, uptime.month),
    ]
    let shown = windows.prefix { $0.1 <= observedSeconds }.count + 1
    let known = windows.prefix(shown).compactMap { name, _, share in share.map { "\(name) \(HumanText.percent($0))" } }
    if known.isEmpty { return nil }
    // Of the day that is not over yet, a part is always missing.
    let isWhole = observedSeconds >= 29 * day
    return known.joined(separator: ", ")
      + (isWhole ? "" : " (observed for \(HumanText.duration(seconds: observedSeconds)))")
  }

  private static let day: Int64 = 86400
}
