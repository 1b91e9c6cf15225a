import PrintableText

/// Makes a peer's text safe for terminals and logs: one short line without control and format characters.
enum PeerText {
  static let maximumLength = 200

  static func clean(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    // Truncated here too: a character may consist of any number of scalars.
    for scalar in text.unicodeScalars.prefix(maximumLength * 4) {
      if scalar.properties.isWhitespace {
        shown.append(" ")
      } else if !PrintableText.isUnsafe(scalar) {
        shown.append(scalar)
      }
    }
    let line = String(shown).split(separator: " ").joined(separator: " ")
    return line.count > maximumLength ? line.prefix(maximumLength - 1) + "…" : line
  }
}
