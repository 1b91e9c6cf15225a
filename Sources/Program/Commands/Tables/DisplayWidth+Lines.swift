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
