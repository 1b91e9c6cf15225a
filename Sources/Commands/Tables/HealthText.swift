import ControlAPI

/// A health in the words of a table cell.
enum HealthText {
  /// `healthy 0.95 ms`, `unhealthy: connection refused`.
  static func cell(_ health: Health) -> TextTable.Cell {
    var text = health.status
    if health.status == "healthy" {
      if let latency = health.latencyMicroseconds { text += " \(HumanText.latency(microseconds: latency))" }
    } else if !health.detail.isEmpty {
      text += ": \(health.detail)"
    }
    return TextTable.Cell(text, color: .ofStatus(health.status))
  }

  /// `12 days left`, `expired 1 day ago`.
  static func certificate(daysLeft: Int) -> String {
    let count = { (days: Int) in days == 1 ? "1 day" : "\(days) days" }
    return daysLeft < 0 ? "expired \(count(-daysLeft)) ago" : "\(count(daysLeft)) left"
  }

  /// Nil while there is time enough.
  static func certificateColor(daysLeft: Int) -> TextColor? { daysLeft < 0 ? .red : daysLeft < 21 ? .yellow : nil }
}
