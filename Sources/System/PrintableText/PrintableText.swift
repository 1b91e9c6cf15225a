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

  private static func replaced(_ text: String, where isUnsafe: (Unicode.Scalar) -> Bool) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var safe = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { safe.append(isUnsafe(scalar) ? " " : scalar) }
    return String(safe)
  }
}
