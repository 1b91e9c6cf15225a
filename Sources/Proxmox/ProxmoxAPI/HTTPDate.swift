/// The one form of date that HTTP senders may write (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
  /// In seconds since 1970; nil for any other text.
  static func seconds(_ text: String) -> Int? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: words[2]),
      let day = Int(words[1]), (1...31).contains(day), let year = Int(words[3]), (1970...9999).contains(year)
    else { return nil }
    let time = words[4].split(separator: ":", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2]) else {
      return nil
    }
    return days(year: year, month: month, day: day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
  }

  private static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  /// Before each month of a common year.
  private static let elapsedDays = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

  /// Since 1970-01-01 in the Gregorian calendar; `month` counts from 0.
  private static func days(year: Int, month: Int, day: Int) -> Int {
    // The leap days before this date: those of the years before it, and its own year's once February is over.
    let leapYear = month > 1 ? year : year - 1
    let leapDays = leapYear / 4 - leapYear / 100 + leapYear / 400 - 477
    return (year - 1970) * 365 + leapDays + elapsedDays[month] + day - 1
  }
}
