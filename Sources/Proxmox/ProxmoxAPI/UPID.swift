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
