import ControlAPI
import FoundationEssentials

/// The lines of a route in the live view.
enum HealthRow {
  static func heading(_ layout: HealthLayout) -> StyledLine {
    var line = StyledLine()
    line.add("ROUTE", .bold, width: layout.route)
    add(&line, layout.status) { $0.add("STATUS", .bold, width: $1) }
    add(&line, layout.since) { $0.add("FOR", .bold, width: $1, alignsRight: true) }
    add(&line, layout.latency) { $0.add("LATENCY", .bold, width: $1, alignsRight: true) }
    add(&line, layout.spark) { $0.add("CHECKS", .bold, width: $1) }
    add(&line, layout.uptime) { $0.add("24 HOURS", .bold, width: $1) }
    add(&line, layout.percent) { $0.add("UP", .bold, width: $1, alignsRight: true) }
    add(&line, layout.note) { $0.add("CAUSE", .bold, width: $1) }
    return line
  }

  /// One line; two if there is a note and no room beside the numbers.
  static func lines(_ health: HealthDetail, _ layout: HealthLayout, _ now: Date) -> [StyledLine] {
    let color = HealthRank(health).color
    var line = StyledLine()
    line.add(health.key, width: layout.route)
    add(&line, layout.status) { $0.add(health.word, .ofStatus(health.status), width: $1) }
    add(&line, layout.since) { $0.add(age(of: health, now), width: $1, alignsRight: true) }
    add(&line, layout.latency) {
      let latency = health.status == "healthy" ? health.latencyMicroseconds : nil
      $0.add(latency.map(HumanText.latency(microseconds:)) ?? "-", width: $1, alignsRight: true)
    }
    add(&line, layout.spark) { line, width in
      for (text, color) in HealthGraph.spark(health.latency.recent, width: width) { line.add(text, color) }
    }
    add(&line, layout.uptime) { line, width in
      for (text, color) in HealthGraph.uptime(health.uptimeByHour, width: width) { line.add(text, color) }
    }
    add(&line, layout.percent) { $0.add(health.uptime.day.map(HumanText.percent) ?? "-", width: $1, alignsRight: true) }
    guard let note = health.note, !note.isEmpty else { return [line] }
    if layout.note > 0 {
      add(&line, layout.note) { $0.add(note, color, width: $1) }
      return [line]
    }
    var below = StyledLine()
    below.add("  \(note)", color)
    return [line, below]
  }

  private static func add(_ line: inout StyledLine, _ width: Int, _ column: (inout StyledLine, Int) -> Void) {
    guard width > 0 else { return }
    line.add(String(repeating: " ", count: HealthLayout.gap))
    column(&line, width)
  }

  /// How long the status has lasted; for a healthy route, how long the service has been up.
  private static func age(of health: HealthDetail, _ now: Date) -> String {
    let seconds =
      health.status == "healthy" ? health.uptimeMilliseconds / 1000 : Int64(now.timeIntervalSince(health.since))
    return HumanText.duration(seconds: max(0, seconds))
  }
}
