import Glibc

/// How a table is formatted for its destination.
package struct TableStyle: Hashable, Sendable {
  /// In terminal columns; nil means no limit.
  package var width: Int?
  package var usesColor: Bool

  package init(width: Int? = nil, usesColor: Bool = false) {
    self.width = width
    self.usesColor = usesColor
  }

  /// No limit and no colour, for files and pipes.
  package static let plain = TableStyle()
}

extension TableStyle {
  /// The style for standard output: colour only on a terminal and not with `NO_COLOR` (https://no-color.org); limited
  /// to the terminal's width, if there is one.
  package static func standardOutput(environment: [String: String]) -> TableStyle {
    guard isatty(STDOUT_FILENO) == 1 else { return .plain }
    let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    return TableStyle(width: terminalWidth() ?? 80, usesColor: !noColor && environment["TERM"] != "dumb")
  }

  private static func terminalWidth() -> Int? {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
