import ControlAPI

/// A route's health as the text of a table cell.
enum HealthText {
  /// `healthy 0.95 ms`, `unhealthy: connection refused`.
  static func cell(_ health: HealthJSON) -> TextTable.Cell {
    guard health.status != "healthy", !health.detail.isEmpty else { return shortCell(health) }
    return TextTable.Cell("\(health.status): \(health.detail)", color: .ofStatus(health.status))
  }

  /// The health of a route, and why it cannot listen.
  static func cell(of route: RouteJSON) -> TextTable.Cell {
    let health = cell(route.health)
    guard let error = route.listenError else { return health }
    return TextTable.Cell("\(health.text); cannot listen: \(error)", color: .red)
  }

  /// `healthy 0.95 ms`, `unhealthy`.
  static func shortCell(_ health: HealthJSON) -> TextTable.Cell {
    let latency = health.status == "healthy" ? health.latencyMicroseconds : nil
    let text = latency.map { "\(health.status) \(HumanText.latency(microseconds: $0))" } ?? health.status
    return TextTable.Cell(text, short: health.status, color: .ofStatus(health.status))
  }

  /// `12 days left`, `expired 1 day ago`.
  static func certificate(daysLeft: Int) -> String {
    let count = { (days: Int) in days == 1 ? "1 day" : "\(days) days" }
    return daysLeft < 0 ? "expired \(count(-daysLeft)) ago" : "\(count(daysLeft)) left"
  }

  /// Nil if the certificate is valid for long enough.
  static func certificateColor(daysLeft: Int) -> TextColor? { daysLeft < 0 ? .red : daysLeft < 21 ? .yellow : nil }
}
