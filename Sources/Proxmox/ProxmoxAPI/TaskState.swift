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

/// The name of a task on a node: `UPID:pve3:0000246C:00055983:6B0B2A5D:vzstart:120:power@pve!ptok:`.
package struct UPID: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  /// The node that runs it.
  package let node: String
  /// `vzstart`, `qmshutdown`, `hastart`, …
  package let type: String

  /// Nil if the text is not a UPID.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let isPlain = text.utf8.count <= 512 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard parts.count == 9, parts[0] == "UPID", !parts[1].isEmpty, !parts[5].isEmpty, isPlain else { return nil }
    (description, node, type) = (text, String(parts[1]), String(parts[5]))
  }

  /// Whether it is only a request to the HA manager, which performs it later or not at all.
  package var isHARequest: Bool { type.hasPrefix("ha") }
}
