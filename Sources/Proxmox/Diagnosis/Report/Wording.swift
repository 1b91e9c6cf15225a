import FoundationEssentials

/// Numbers, times and lists in sentences.
enum Wording {
  /// `1 guest`, `3 guests`.
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `a, b and 3 more`.
  static func list(_ items: [String], atMost limit: Int = 8) -> String {
    guard items.count > limit + 1 else { return items.joined(separator: ", ") }
    return items.prefix(limit).joined(separator: ", ") + " and \(items.count - limit) more"
  }

  /// `2026-11-22`, in UTC.
  static func day(_ seconds: Int) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601.year().month().day())
  }

  /// `2026-11-22T13:45:00Z`.
  static func time(_ seconds: Int) -> String { Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601) }

  /// `40 s`, `3 min`, `2 h`, `9 days`: the largest unit that fits at least twice.
  static func span(seconds: Int) -> String {
    let units = [(86_400, "days"), (3600, "h"), (60, "min")]
    guard let (size, name) = units.first(where: { seconds >= 2 * $0.0 }) else { return "\(seconds) s" }
    return "\((seconds + size / 2) / size) \(name)"
  }

  /// `4 ms`.
  static func milliseconds(_ duration: Duration) -> String {
    "\(max(1, Int((duration / .milliseconds(1)).rounded()))) ms"
  }
}
