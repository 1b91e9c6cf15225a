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
}
