extension JSONReader {
  /// The bytes of a string between its quotes.
  struct StringToken {
    var range: Range<Int>
    var hasEscapes: Bool
  }

  /// The next byte that is not white space; nil at the end.
  mutating func next() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Reads the string that starts at the current quote.
  mutating func stringToken() throws(JSONError) -> StringToken {
    let start = position + 1
    var index = start
    var hasEscapes = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        position = index + 1
        return StringToken(range: start..<index, hasEscapes: hasEscapes)
      case UInt8(ascii: "\\"):
        hasEscapes = true
        guard let length = escapeLength(at: index) else {
          position = index
          throw error("no escape behind a '\\'")
        }
        index += length
      case 0..<0x20:
        position = index
        throw error("a control character inside a string")
      default: index += 1
      }
    }
    throw error("the text ends inside a string")
  }

  /// The decoded text of a string.
  func text(_ token: StringToken) -> String {
    token.hasEscapes
      ? String(decoding: unescaped(token), as: UTF8.self) : String(decoding: bytes[token.range], as: UTF8.self)
  }

  mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let end = position + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { unsafe end <= bytes.count && bytes[position..<end].elementsEqual($0) }
    guard matches else { throw error("no value where one is wanted") }
    position = end
    return value
  }

  /// The length of an escape: two for most, six for `\u0041`; nil if it is invalid.
  private func escapeLength(at index: Int) -> Int? {
    guard index + 1 < bytes.count else { return nil }
    switch bytes[index + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"): return hexUnit(at: index + 2) == nil ? nil : 6
    default: return nil
    }
  }

  /// Decodes a token whose escapes are known to be complete.
  private func unescaped(_ token: StringToken) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(token.range.count)
    var index = token.range.lowerBound
    while index < token.range.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: escape(&index).utf8)
      } else {
        text.append(byte)
        index += 1
      }
    }
    return text
  }

  /// Decodes the escape at the index, and moves the index past it.
  private func escape(_ index: inout Int) -> String {
    defer { index += 2 }
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      defer { index += 4 }
      return unicodeEscape(&index)
    case let byte: return String(decoding: [byte], as: UTF8.self)
    }
  }

  private func unicodeEscape(_ index: inout Int) -> String {
    var units = [hexUnit(at: index + 2) ?? 0xFFFD]
    // A character above U+FFFF is written as two escapes (RFC 8259 §7).
    if UTF16.isLeadSurrogate(units[0]), index + 7 < bytes.count, bytes[index + 6] == UInt8(ascii: "\\"),
      bytes[index + 7] == UInt8(ascii: "u"), let trail = hexUnit(at: index + 8), UTF16.isTrailSurrogate(trail)
    {
      units.append(trail)
      index += 6
    }
    return String(decoding: units, as: UTF16.self)
  }

  /// Parses four hexadecimal digits.
  private func hexUnit(at start: Int) -> UInt16? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[start..<start + 4] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }
}
