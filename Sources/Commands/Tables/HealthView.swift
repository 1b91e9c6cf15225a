import ControlAPI

/// One route's health, as `pvescout health ALIAS` shows it.
enum HealthView {
  static func render(_ health: HealthDetail, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("route", health.key)
    fields.add("target", health.target ?? "-")
    fields.add(health)
    return fields.rendered(style)
  }
}

extension FieldList {
  mutating func add(_ health: HealthDetail) {
    add("status", health.status, color: .ofStatus(health.status))
    add("cause", health.cause, color: .red)
    add("detail", health.cause == health.detail ? nil : health.detail)
    add("latency", health.latencyMicroseconds.map(HumanText.latency(microseconds:)))
    add("up", HealthTable.uptime(health.uptimeMilliseconds))
    add("since", HumanText.age(of: health.since))
    add("last checked", health.lastChecked.map { HumanText.age(of: $0) } ?? "never")
  }
}
