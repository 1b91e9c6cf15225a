import JSONDocument

/// `GET /nodes/{n}/tasks/{upid}/status`.
package enum TaskState: Hashable, Sendable {
  case running
  /// Finished, with the number of warnings.
  case succeeded(warnings: Int)
  /// The text of `exitstatus`: `CT is locked (backup)`.
  case failed(String)

  init?(_ data: JSONValue) {
    switch data["status"].string {
    case "running": self = .running
    case "stopped": self = Self.ended(data["exitstatus"].string ?? "ended without a status")
    default: return nil
    }
  }

  /// `OK`, `WARNINGS: 2`, or the text of an error.
  private static func ended(_ text: String) -> TaskState {
    let text = PeerText.clean(text)
    if text == "OK" { return .succeeded(warnings: 0) }
    if text.hasPrefix("WARNINGS:") {
      return .succeeded(warnings: Int(text.dropFirst(9).drop { $0 == " " }).map { min(max($0, 1), 1_000_000) } ?? 1)
    }
    return .failed(text.isEmpty ? "ended without a status" : text)
  }
}
