/// Makes texts from other sources, such as names and errors, safe to display: they cannot control a terminal, break a
/// line, hide part of it or change its direction.
package enum PrintableText {
  /// On one line: each unsafe character becomes a blank.
  package static func line(_ text: String) -> String { replaced(text, where: isUnsafe) }

  /// As ``line(_:)``, but keeps line feeds.
  package static func lines(_ text: String) -> String { replaced(text) { $0 != "\n" && isUnsafe($0) } }

  /// Control characters, line separators and format characters, except for the joiners, which scripts and emoji need.
  package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x7f { return scalar.value < 0x20 }
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    case .format: return scalar != "\u{200C}" && scalar != "\u{200D}"
    default: return false
    }
  }

  /// JSON in which unsafe characters occur only as escapes.
  package static func escaped(json: [UInt8]) -> [UInt8] {
    // Those below 0x20 are escaped in any JSON; the others are non-ASCII, or DEL.
    guard json.contains(where: { $0 >= 0x7f }) else { return json }
    let text = String(decoding: json, as: UTF8.self)
    guard text.unicodeScalars.contains(where: isEscaped) else { return json }
    var safe = ""
    for scalar in text.unicodeScalars {
      if isEscaped(scalar) {
        for unit in String(Character(scalar)).utf16 { safe += "\\u" + hex(unit) }
      } else {
        safe.unicodeScalars.append(scalar)
      }
    }
    return Array(safe.utf8)
  }

  /// A line feed in JSON is between its tokens.
  private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x7f && isUnsafe(scalar) }

  private static func hex(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func replaced(_ text: String, where isUnsafe: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) ? " " : scalar) }
    return String(safe)
  }
}
