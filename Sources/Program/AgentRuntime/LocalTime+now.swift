import Glibc
import GuestControl

extension LocalTime {
  /// By this machine's time zone; nil if the time is not known.
  static var now: LocalTime? {
    var (seconds, parts) = (time(nil), tm())
    guard localtime_r(&seconds, &parts) != nil else { return nil }
    // Its weeks begin on Sunday.
    return LocalTime(weekday: (Int(parts.tm_wday) + 6) % 7, minute: Int(parts.tm_hour) * 60 + Int(parts.tm_min))
  }
}
