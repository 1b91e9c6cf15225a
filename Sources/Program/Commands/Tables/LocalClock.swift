import ControlAPI
import FoundationEssentials
import Glibc

/// Times in this machine's zone (`TZ`, else /etc/localtime), for people. JSON and logs have UTC.
enum LocalClock {
  /// `16:13:20`.
  static func time(of date: Date) -> String { String(text(of: date, offset(at: date)).suffix(8)) }

  /// `2026-09-21T16:13:20+02:00` (RFC 3339).
  static func stamp(of date: Date) -> String {
    let offset = offset(at: date)
    let minutes = abs(offset) / 60
    return text(of: date, offset) + (offset < 0 ? "-" : "+") + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60)
  }

  /// `2026-09-21T16:13:20`.
  private static func text(of date: Date, _ offset: Int) -> Substring {
    WireFormat.text(of: Date(timeIntervalSince1970: (date.timeIntervalSince1970 + Double(offset)).rounded(.down)))
      .prefix(19)
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

  /// In seconds east of Greenwich; 0 if it is not known.
  private static func offset(at date: Date) -> Int {
    guard var seconds = time_t(exactly: date.timeIntervalSince1970.rounded(.down)) else { return 0 }
    var parts = tm()
    return localtime_r(&seconds, &parts) == nil ? 0 : parts.tm_gmtoff
  }
}
