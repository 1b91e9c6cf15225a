/// A moment taken apart, in UTC.
struct LogTime {
  let year: Int
  /// From 1.
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int
  let microsecond: Int

  /// Of microseconds since 1970; what is before counts as 1970.
  init(_ microseconds: Int64) {
    let (seconds, fraction) = max(0, Int(microseconds)).quotientAndRemainder(dividingBy: 1_000_000)
    let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
    microsecond = fraction
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
}
