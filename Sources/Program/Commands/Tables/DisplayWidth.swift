import PrintableText

/// The width of texts in terminal columns, and texts that are safe to print.
enum DisplayWidth {
  static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + of($1) }
  }

  /// The longest prefix of a text, or the longest suffix, that fits into `width` columns, with `…` for the rest.
  static func cut(_ text: String, to width: Int, keepingEnd: Bool = false) -> String {
    guard of(text) > width else { return text }
    guard width > 0 else { return "" }
    var columns = 1
    func fits(_ character: Character) -> Bool {
      columns += of(character)
      return columns <= width
    }
    return keepingEnd ? "…" + String(text.reversed().prefix(while: fits).reversed()) : text.prefix(while: fits) + "…"
  }

  /// The scheme of a URL and as much of its end as fits, with `…` for what is between them.
  static func cutURL(_ text: String, to width: Int) -> String {
    guard let scheme = text.firstRange(of: "://").map({ text[..<$0.upperBound] }), of(String(scheme)) + 1 < width else {
      return cut(text, to: width)
    }
    return scheme + cut(String(text[scheme.endIndex...]), to: width - of(String(scheme)), keepingEnd: true)
  }

  /// Names and errors come from other sources and must not control the terminal.
  static func printable(_ text: String) -> String { PrintableText.line(text) }

  private static func of(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // Unicode Standard Annex #11: wide and full-width blocks, and the emoji.
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
      return 2
    default: return 1
    }
  }
}

extension DisplayWidth {
  /// Breaks a text into lines of at most `width` columns; a longer word has a line of its own.
  static func lines(of text: String, width: Int) -> [String] {
    var (lines, line) = ([String](), "")
    for word in text.split(separator: " ") {
      if !line.isEmpty, of(line) + 1 + of(String(word)) > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }
}
