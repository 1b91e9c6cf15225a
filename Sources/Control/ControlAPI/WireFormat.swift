package import FoundationEssentials
import JSONDocument
import PrintableText

/// The socket's JSON format: sorted keys, unescaped slashes, times as RFC 3339 in UTC, escaped control characters.
package enum WireFormat {
  package static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(text(of: date))
    }
    return PrintableText.escaped(json: Array(try encoder.encode(value)))
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    try JSONReader.value(of: bytes).decode(type, dates: .text { date(from: $0) })
  }

  /// `2026-01-31T12:00:00.250Z`.
  package static func text(of date: Date) -> String {
    // The format style truncates the fraction instead of rounding it.
    let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
    return Date(timeIntervalSince1970: milliseconds / 1000 + 0.0001).formatted(style)
  }

  package static func date(from text: String) -> Date? {
    (try? style.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
  }

  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
