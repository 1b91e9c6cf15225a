import ControlAPI
import FoundationEssentials

/// The lines of `pvescout health --watch` without a terminal: one for each change. Pure.
struct HealthLog {
  private var statuses: [String: String] = [:]

  /// Applies the full state: one line for each route that changed since its last line.
  mutating func record(_ list: HealthList<HealthDetail>, at date: Date) -> [String] {
    let changed = list.health.filter { statuses[$0.key] != $0.value.status }
    let gone = statuses.keys.filter { list.health[$0] == nil }.sorted()
    let ordered = changed.sorted { (HealthRank($0.value), $0.key) < (HealthRank($1.value), $1.key) }
    let lines = ordered.map { key, health in
      line(date, key, to: health.status, latency: health.latencyMicroseconds, note: health.note)
    }
    for key in gone { statuses[key] = nil }
    return lines + gone.map { Self.line(date, "\($0): gone") }
  }

  /// Nil if the change is already known.
  mutating func record(_ event: EventData.HealthEvent) -> String? {
    guard statuses[event.key] != event.after.status else { return nil }
    let note = event.after.status == "healthy" ? nil : event.cause ?? event.after.detail
    return line(event.at, event.key, to: event.after.status, latency: event.after.latencyMicroseconds, note: note)
  }

  private mutating func line(
    _ date: Date, _ key: String, to status: String, latency: Int64?, note: String?
  ) -> String {
    let before = statuses.updateValue(status, forKey: key).map { "\($0) -> " } ?? ""
    let number = status == "healthy" ? latency.map { " \(HumanText.latency(microseconds: $0))" } ?? "" : ""
    return Self.line(date, "\(key): \(before)\(status)\(number)" + (note.map { ": \($0)" } ?? ""))
  }

  private static func line(_ date: Date, _ text: String) -> String {
    "\(LocalClock.stamp(of: date))  \(DisplayWidth.printable(text))"
  }
}
