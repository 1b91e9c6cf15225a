/// Compares host names: case-insensitively, without a trailing dot, and by their first label if one of them has no dot.
package enum HostName {
  /// The form in which names are compared and indexed (RFC 4343: ASCII case is ignored).
  package static func fold(_ name: String) -> String {
    var folded = name
    if folded.utf8.contains(where: { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") }) {
      folded = String(decoding: folded.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
    if folded.utf8.last == UInt8(ascii: "."), folded.utf8.count > 1 { folded.removeLast() }
    return folded
  }

  /// The part before the first dot; the whole name if there is none.
  package static func firstLabel(_ name: String) -> String {
    name.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(name[..<$0]) } ?? name
  }

  /// Whether a name has only one label.
  package static func isBare(_ name: String) -> Bool { !name.utf8.contains(UInt8(ascii: ".")) }
}
