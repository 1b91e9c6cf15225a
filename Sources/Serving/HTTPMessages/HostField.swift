/// The value of a Host field: `uri-host [ ":" port ]` (RFC 9110 §7.2).
package struct HostField {
  /// The name or address, without brackets and without the dot that may end a name.
  package let name: Range<Int>

  /// Parses a value that ``isValid(_:)`` accepts.
  package init(_ value: Span<UInt8>) {
    if !value.isEmpty, value[0] == UInt8(ascii: "[") {
      name = 1..<(value.lastIndex(of: UInt8(ascii: "]")) ?? value.count)
      return
    }
    var end = value.lastIndex(of: UInt8(ascii: ":")) ?? value.count
    if end > 1, value[end - 1] == UInt8(ascii: ".") { end -= 1 }
    name = 0..<end
  }

  static func isValid(_ value: Span<UInt8>) -> Bool {
    guard (1...255 + 6).contains(value.count) else { return false }
    var end = 0
    if value[0] == UInt8(ascii: "[") {
      guard let bracket = value.firstIndex(of: UInt8(ascii: "]")), bracket > 2 else { return false }
      guard value.extracting(1..<bracket).allSatisfy({ $0.hexDigitValue != nil || $0 == 0x3a || $0 == 0x2e }) else {
        return false
      }
      end = bracket + 1
    } else {
      while end < value.count, value[end].isNameCharacter { end += 1 }
      guard end > 0 else { return false }
    }
    if end == value.count { return true }
    let port = value.extracting(end + 1..<value.count)
    return value[end] == UInt8(ascii: ":") && port.count <= 5 && port.allSatisfy(\.isDigit)
  }
}

extension UInt8 {
  /// The characters of host names as browsers send them: letters, digits, `-`, `.` and `_`. `*`, which is in no name,
  /// is not among them.
  fileprivate var isNameCharacter: Bool {
    isDigit || lowercased &- 0x61 < 26 || self == 0x2d || self == 0x2e || self == 0x5f
  }
}
