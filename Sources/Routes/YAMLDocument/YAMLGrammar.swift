/// How strictly the keys and values of a file are read.
package enum YAMLGrammar: Sendable {
  /// Keys and values exactly as documented.
  case exact
  /// As read by GoDoxy's loader for route files: keys match regardless of case and `_`, spaces around values are
  /// dropped, a mapping or a list may be YAML text, and a zero duration or an empty value counts as absent.
  case lenient

  /// Whether a key in a file matches a key of the program.
  func matches(_ written: String, _ key: String) -> Bool {
    written == key || self == .lenient && Self.isSame(written, key)
  }

  private static func isSame(_ left: String, _ right: String) -> Bool {
    var (left, right) = (left.utf8.makeIterator(), right.utf8.makeIterator())
    while true {
      let (one, other) = (nextFolded(&left), nextFolded(&right))
      if one != other { return false }
      if one == nil { return true }
    }
  }

  private static func nextFolded(_ bytes: inout String.UTF8View.Iterator) -> UInt8? {
    while let byte = bytes.next() {
      if byte != UInt8(ascii: "_") { return byte &- 0x41 < 26 ? byte | 0x20 : byte }
    }
    return nil
  }
}

extension String {
  /// Without surrounding blanks and line ends; special spaces count as text.
  package var trimmed: String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (9...13).contains(byte) }
    guard let first = utf8.firstIndex(where: { !isBlank($0) }), let last = utf8.lastIndex(where: { !isBlank($0) })
    else {
      return ""
    }
    return String(self[first...last])
  }
}
