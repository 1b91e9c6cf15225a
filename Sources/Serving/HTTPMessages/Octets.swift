/// Classes of bytes (RFC 9110 §5.6.2, RFC 9112 §3.2), tested without a branch or a table in memory.
extension UInt8 {
  /// `tchar`: the characters of methods, field names and options.
  @inline(__always)
  var isTokenCharacter: Bool {
    guard self < 0x80 else { return false }
    let bits: UInt64 = self < 0x40 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
    return bits >> UInt64(self & 0x3f) & 1 != 0
  }

  /// The characters of a request target: visible ASCII.
  @inline(__always)
  var isTargetCharacter: Bool { self > 0x20 && self < 0x7f }

  /// Whether a field value must not contain it: control characters except the tab.
  @inline(__always)
  var isForbiddenInValue: Bool { self < 0x20 && self != 0x09 || self == 0x7f }

  @inline(__always)
  var isBlank: Bool { self == 0x20 || self == 0x09 }

  @inline(__always)
  var isDigit: Bool { self &- 0x30 < 10 }

  /// The value of a hexadecimal digit; nil for another byte.
  @inline(__always)
  var hexDigitValue: UInt8? {
    if isDigit { return self - 0x30 }
    let letter = self | 0x20
    return letter &- 0x61 < 6 ? letter - 0x61 + 10 : nil
  }
}

extension UnsafeRawBufferPointer {
  /// The offset of the first control character from an offset on, the end if there is none; tabs are ignored.
  @inline(__always)
  func firstControl(from start: Int) -> Int {
    var offset = start
    while offset + 8 <= count {
      let word = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      // Exact for the lowest matching byte, which is sufficient (Mycroft's test for bytes below n, and for zero).
      let low = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
      let other = word ^ 0x7f7f_7f7f_7f7f_7f7f
      let delete = (other &- 0x0101_0101_0101_0101) & ~other & 0x8080_8080_8080_8080
      let found = low | delete
      if found != 0 { return offset + found.trailingZeroBitCount >> 3 }
      offset += 8
    }
    while offset < count, self[offset] >= 0x20, self[offset] != 0x7f { offset += 1 }
    return offset
  }

  /// The part between two offsets without the blanks around it.
  @inline(__always)
  func trimmed(_ start: Int, _ end: Int) -> (start: Int, end: Int) {
    var (start, end) = (start, end)
    while start < end, self[start].isBlank { start += 1 }
    while end > start, self[end - 1].isBlank { end -= 1 }
    return (start, end)
  }

}

extension RawSpan {
  /// Compares field names without case, and `_` as `-`, as programs behind CGI and similar interfaces read them.
  func isSameField(as other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    for offset in byteOffsets where byte(offset).asInVariable != other.byte(offset).asInVariable { return false }
    return true
  }

  /// Checked: an offset outside of the span stops the program.
  func byte(_ offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
}

extension UInt8 {
  fileprivate var asInVariable: UInt8 { self == 0x5f ? 0x2d : lowercased }
}
