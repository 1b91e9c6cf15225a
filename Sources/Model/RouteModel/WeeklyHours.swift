/// Hours of some days of the week: `Mon-Fri 08:00-22:00`, `Sat,Sun 10:00-24:00`, or `22:00-06:00` of every day. Hours that
/// end before they begin last until the next day.
package struct WeeklyHours: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  /// From 0 for Monday to 6.
  private let days: Set<Int>
  /// Minutes of the day.
  private let start: Int
  private let end: Int

  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  private static let minutesOfDay = 24 * 60

  /// Nil for a text of another form.
  package init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard (1...2).contains(parts.count), let hours = parts.last?.split(separator: "-"), hours.count == 2,
      let start = Self.minute(hours[0]), let end = Self.minute(hours[1]), start != end, start < Self.minutesOfDay,
      let days = parts.count == 2 ? Self.days(parts[0]) : Set(0..<7)
    else { return nil }
    (description, self.days, self.start, self.end) = (text, days, start, end)
  }

  /// - Parameters:
  ///   - weekday: from 0 for Monday to 6.
  ///   - minute: of the day.
  package func contains(weekday: Int, minute: Int) -> Bool {
    if start < end { return days.contains(weekday) && (start..<end).contains(minute) }
    return days.contains(weekday) && minute >= start || days.contains((weekday + 6) % 7) && minute < end
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }), let hour = Int(parts[0]), let minute = Int(parts[1]),
      (0...24).contains(hour), (0..<60).contains(minute), hour * 60 + minute <= minutesOfDay
    else { return nil }
    return hour * 60 + minute
  }

  private static func days(_ text: Substring) -> Set<Int>? {
    var days: Set<Int> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
        names.firstIndex(of: $0.lowercased())
      }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else { return nil }
      let count = (last - first + 7) % 7
      for offset in 0...count { days.insert((first + offset) % 7) }
    }
    return days
  }
}
