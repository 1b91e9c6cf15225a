import NIOCore

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

// The unsafe expressions of this module, but for one in `HPACKEncoder`, are here. All check their bounds: `Span.bytes`
// and the loads of `RawSpan` are unsafe for types with padding or invalid values, which integers do not have.
extension Span<UInt8> {
  /// Eight bytes, as one number.
  @inline(__always)
  func word(at offset: Int) -> UInt64 { unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self) }
}

extension ByteBuffer {
  mutating func write(_ bytes: Span<UInt8>) { unsafe writeBytes(bytes.bytes) }
}

extension [UInt8] {
  mutating func append(_ bytes: Span<UInt8>) { unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) } }
}

extension StaticString {
  /// A byte of an ASCII literal.
  @inline(__always)
  subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < utf8CodeUnitCount)
    return unsafe utf8Start[index]
  }
}

extension Span<UInt8> {
  /// The offset of the first control character from an offset on, the end if there is none; tabs are ignored.
  @inline(__always)
  func firstControl(from start: Int) -> Int {
    var offset = start
    while offset + 8 <= count {
      let word = self.word(at: offset)
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

  /// The offset of the first byte from an offset on that is neither a letter nor `-`, the end if there is none.
  @inline(__always)
  func firstOtherThanLetterOrDash(from start: Int) -> Int {
    var offset = start
    while offset + 8 <= count {
      let word = self.word(at: offset)
      // Sums of the low seven bits of each byte: its high bit is set if it is at least `a`, above `z`, or no dash.
      let lower = (word | 0x2020_2020_2020_2020) & 0x7f7f_7f7f_7f7f_7f7f
      let isLetter = (lower &+ 0x1f1f_1f1f_1f1f_1f1f) & ~(lower &+ 0x0505_0505_0505_0505)
      let isNoDash = ((word ^ 0x2d2d_2d2d_2d2d_2d2d) & 0x7f7f_7f7f_7f7f_7f7f) &+ 0x7f7f_7f7f_7f7f_7f7f
      let found = (isNoDash & ~isLetter | word) & 0x8080_8080_8080_8080
      if found != 0 { return offset + found.trailingZeroBitCount >> 3 }
      offset += 8
    }
    while offset < count, self[offset].lowercased &- 0x61 < 26 || self[offset] == 0x2d { offset += 1 }
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

  @inline(__always)
  func firstIndex(of byte: UInt8) -> Int? { indices.first { self[$0] == byte } }

  @inline(__always)
  func lastIndex(of byte: UInt8) -> Int? { indices.last { self[$0] == byte } }

  @inline(__always)
  func allSatisfy(_ isMember: (UInt8) -> Bool) -> Bool {
    for index in indices where !isMember(self[index]) { return false }
    return true
  }

  /// Compares field names without case, and `_` as `-`, as programs behind CGI and similar interfaces read them.
  func isSameField(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index].asInVariable != other[index].asInVariable { return false }
    return true
  }
}

extension UInt8 {
  fileprivate var asInVariable: UInt8 { self == 0x5f ? 0x2d : lowercased }
}
