public import FoundationEssentials
public import JSONDocument
import PrintableText

/// The socket's JSON format: sorted keys, unescaped slashes, times as RFC 3339 in UTC, escaped control characters.
package enum WireFormat {
  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    try JSONReader.value(of: bytes).decode(type, dates: .text { date(from: $0) })
  }

  /// `2026-01-31T12:00:00.250Z`, rounded to milliseconds.
  package static func text(of date: Date) -> String {
    // RFC 3339 only covers the years 1 to 9999, and a clock outside of them is wrong.
    let milliseconds = min(max(-62_135_596_800_000, date.timeIntervalSince1970 * 1000), 253_402_300_799_999).rounded()
    let time = UTCTime(Int64(milliseconds) * 1000)
    var text: [UInt8] = []
    text.append(decimal: time.year, digits: 4)
    for (separator, part) in [("-", time.month), ("-", time.day), ("T", time.hour), (":", time.minute)] {
      text += separator.utf8
      text.append(decimal: part, digits: 2)
    }
    text.append(UInt8(ascii: ":"))
    text.append(decimal: time.second, digits: 2)
    text.append(UInt8(ascii: "."))
    text.append(decimal: time.microsecond / 1000, digits: 3)
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  package static func date(from text: String) -> Date? {
    (try? style.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
  }

  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension Date: JSONWritable {
  public func write(to json: inout JSONWriter) { json.write(WireFormat.text(of: self)) }
}
