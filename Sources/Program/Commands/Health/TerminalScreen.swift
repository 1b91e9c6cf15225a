import Glibc

/// A terminal's screen that is drawn over and over, on the alternate buffer, so that leaving it brings back what was there.
///
/// Control sequences of ECMA-48 and xterm; a terminal that does not know "synchronised output" (2026) ignores it.
enum TerminalScreen {
  static let enter = "\u{1b}[?1049h\u{1b}[?25l"
  static let leave = "\u{1b}[?25h\u{1b}[?1049l"

  /// Lines over what is there, without clearing first: nothing flickers.
  ///
  /// Lines must be shorter than the terminal is wide: behind a full one, erasing to the end would take its last column.
  static func frame(_ lines: [String]) -> String {
    "\u{1b}[?2026h\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\r\n") + "\u{1b}[J\u{1b}[?2026l"
  }

  /// In columns and lines; 80 × 24 where the terminal does not say.
  static var size: (columns: Int, lines: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
    return (Int(size.ws_col), Int(size.ws_row))
  }
}
