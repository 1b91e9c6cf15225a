import Glibc

/// Dates in header fields, in seconds since 1970 (RFC 9110 §5.6.7).
package enum HTTPDate {
  /// `Sun, 06 Nov 1994 08:49:37 GMT`
  package static func text(_ seconds: Int) -> String {
    var (seconds, moment) = (seconds, tm())
    gmtime_r(&seconds, &moment)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      guard let base = buffer.baseAddress, strftime(base, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &moment) > 0 else {
        return ""
      }
      return String(cString: base)
    }
  }

  /// Parses that format or one of the two obsolete ones that must still be accepted; nil for any other text.
  package static func seconds(_ text: String) -> Int? {
    let words = text.split(separator: " ")
    return switch words.count {
    case 6 where words[5] == "GMT": seconds(day: words[1], month: words[2], year: words[3], time: words[4])
    case 4 where words[3] == "GMT": seconds(dashed: words[1].split(separator: "-"), time: words[2])
    // asctime: `Sun Nov  6 08:49:37 1994`
    case 5: seconds(day: words[2], month: words[1], year: words[4], time: words[3])
    default: nil
    }
  }

  /// RFC 850: `Sunday, 06-Nov-94 08:49:37 GMT`.
  private static func seconds(dashed date: [Substring], time: Substring) -> Int? {
    guard date.count == 3, let year = number(date[2], in: 0...99) else { return nil }
    return seconds(day: date[0], month: date[1], year: "\(year < 70 ? 2000 + year : 1900 + year)", time: time)
  }

  private static func seconds(day: Substring, month: Substring, year: Substring, time: Substring) -> Int? {
    let time = time.split(separator: ":", omittingEmptySubsequences: false)
    guard time.count == 3, let month = months.firstIndex(of: month), let day = number(day, in: 1...31),
      let year = number(year, in: 1900...9999), let hour = number(time[0], in: 0...23),
      let minute = number(time[1], in: 0...59), let second = number(time[2], in: 0...60)
    else { return nil }
    var moment = tm()
    (moment.tm_year, moment.tm_mon, moment.tm_mday) = (year - 1900, Int32(month), day)
    (moment.tm_hour, moment.tm_min, moment.tm_sec) = (hour, minute, second)
    return timegm(&moment)
  }

  private static func number(_ text: Substring, in range: ClosedRange<Int32>) -> Int32? {
    guard text.utf8.first != UInt8(ascii: "+"), let number = Int32(text), range.contains(number) else { return nil }
    return number
  }

  private static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
