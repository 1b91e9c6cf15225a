/// A moment taken apart, in UTC.
package struct UTCTime: Sendable {
  package let year: Int
  /// From 1.
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int
  package let microsecond: Int

  /// Of microseconds since 1970; what is before counts as 1970, what is beyond the year 9999 as its end.
  package init(_ microseconds: Int64) {
    let (seconds, fraction) = min(max(0, microseconds), Self.last).quotientAndRemainder(dividingBy: 1_000_000)
    let (days, time) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
    microsecond = Int(fraction)
    (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
    // Years that begin in March, in eras of 400 of them: the leap day is then a year's last
    // (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
  }

  /// The end of the year 9999.
  private static let last: Int64 = 253_402_300_799_999_999
}
