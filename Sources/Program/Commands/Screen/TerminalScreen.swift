import Glibc

/// A terminal's screen that is redrawn repeatedly, on the alternate buffer, so that the former content returns on exit.
///
/// Uses control sequences of ECMA-48 and xterm; a terminal without "synchronised output" (2026) ignores it.
enum TerminalScreen {
  /// Without wrapping: a line that is too long must not push the first one off the screen.
  static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"
  static let leave = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

  /// Draws lines over the old ones without clearing first, to avoid flicker.
  ///
  /// Lines must be shorter than the terminal's width: after a full line, erasing to the end would erase its last
  /// column.
  static func frame(_ lines: [String]) -> String {
    "\u{1b}[?2026h\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J\u{1b}[?2026l"
  }

  /// The size in columns and lines; 80 × 24 if the terminal does not report it.
  static var size: (columns: Int, lines: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
