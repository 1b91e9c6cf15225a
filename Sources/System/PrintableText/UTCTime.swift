/// The components of a time in UTC.
package struct UTCTime: Sendable {
  package let year: Int
  /// From 1.
  package let month: Int
  package let day: Int
  package let hour: Int
  package let minute: Int
  package let second: Int
  package let microsecond: Int

  /// - Parameter microseconds: since 1970, negative before. Times outside of the years 1 to 9999 are clamped to their
  ///   beginning or end.
  package init(_ microseconds: Int64) {
    // From the year 1 on, so that nothing is negative.
    let sinceFirst = min(max(Self.first, microseconds), Self.last) - Self.first
    let (seconds, fraction) = sinceFirst.quotientAndRemainder(dividingBy: 1_000_000)
    let (daysSinceFirst, time) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
    let days = daysSinceFirst - 719_162
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

  /// The beginning of the year 1.
  private static let first: Int64 = -62_135_596_800_000_000
  /// The end of the year 9999.
  private static let last: Int64 = 253_402_300_799_999_999
}
