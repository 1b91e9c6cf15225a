/// Typing mistakes that turn a key into another one, explained with their correction.
///
/// The text after the `:` may be a secret and is never repeated.
enum KeyMistake {
  /// Explains what is wrong with a key; nil if it looks valid.
  static func explanation(of key: String) -> String? {
    if let blank = key.unicodeScalars.first, isUnusualBlank(blank) { return explanation(ofBlank: blank) }
    guard let name = nameWithoutSpace(in: key) else { return nil }
    return "a space is missing behind '\(name):'"
  }

  /// Explains what is wrong with a text where a mapping is expected.
  static func explanation(ofText text: String) -> String? {
    nameWithoutSpace(in: text).map { "a space is missing behind '\($0):'" }
  }

  /// Explains what is wrong with the indentation of a line; nil if it consists of spaces.
  static func explanation(ofIndentation line: String) -> String? {
    let indentation = line.unicodeScalars.prefix { $0 == " " || isUnusualBlank($0) }
    return indentation.first(where: isUnusualBlank).map(explanation(ofBlank:))
  }

  private static func explanation(ofBlank blank: Unicode.Scalar) -> String {
    let code = String(blank.value, radix: 16, uppercase: true)
    let name = blank == "\u{A0}" ? "a no-break space" : "a special space"
    return "the line begins with \(name) (U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)): "
      + "YAML is indented by plain spaces"
  }

  /// The name in `name:value`; nil for other texts, such as times, addresses and URLs.
  private static func nameWithoutSpace(in text: String) -> String? {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let (name, rest) = (text[..<colon], text[text.index(after: colon)...])
    guard let first = name.first, first.isLetter, !rest.isEmpty, !rest.hasPrefix(" "), !rest.hasPrefix("//") else {
      return nil
    }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) } ? String(name) : nil
  }

  private static func isUnusualBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0x7F && (scalar.properties.isWhitespace || [0x200B, 0x2060, 0xFEFF].contains(scalar.value))
  }
}
