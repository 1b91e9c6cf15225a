/// The colours and styles of tables (ECMA-48 SGR).
enum TextColor: String, Sendable {
  case red = "31"
  case green = "32"
  case yellow = "33"
  case dim = "2"
  case bold = "1"

  func paint(_ text: String) -> String { "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" }

  /// The colour of a health, node or guest status.
  static func ofStatus(_ status: String) -> TextColor? {
    switch status {
    case "healthy", "running", "online", "ready": .green
    case "unhealthy", "error", "offline", "failed": .red
    case "starting", "napping", "ambiguous", "stale": .yellow
    case "unknown", "stopped", "excluded": .dim
    default: nil
    }
  }
}
