extension JSONReader {
  /// The bytes of a string between its quotes.
  struct StringToken {
    var range: Range<Int>
    var hasEscapes: Bool
  }

  /// The next byte that is no white space; nil at the end.
  mutating func next() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// The string at the opening quote.
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
        index += 2
      default: index += 1
      }
    }
    throw error("the text ends inside a string")
  }

  /// The text of a string. What is no UTF-8 and no escape is repaired with U+FFFD: a name is not worth an answer.
  func text(_ token: StringToken) -> String {
    token.hasEscapes
      ? String(decoding: unescaped(token), as: UTF8.self) : String(decoding: bytes[token.range], as: UTF8.self)
  }

  mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let end = position + word.utf8CodeUnitCount
    let matches = word.withUTF8Buffer { end <= bytes.count && bytes[position..<end].elementsEqual($0) }
    guard matches else { throw error("no value where one should stand") }
    position = end
    return value
  }

  mutating func number() throws(JSONError) -> JSONValue {
    let (end, isInteger) = numberEnd()
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    if isInteger, let value = Int(text) {
      position = end
      return .int(value)
    }
    guard let value = Double(text), value.isFinite else { throw error("no value where one should stand") }
    position = end
    return .double(value)
  }

  /// Passes over the characters of a number, whatever they say.
  mutating func skipNumber() throws(JSONError) {
    let end = numberEnd().end
    guard end > position else { throw error("no value where one should stand") }
    position = end
  }

  private func numberEnd() -> (end: Int, isInteger: Bool) {
    var end = position
    var isInteger = true
    while end < bytes.count {
      switch bytes[end] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isInteger = false
      default: return (end, isInteger)
      }
      end += 1
    }
    return (end, isInteger)
  }

  func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: min(position, bytes.count)) }

  private func unescaped(_ token: StringToken) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(token.range.count)
    var index = token.range.lowerBound
    while index < token.range.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\") {
        text.append(contentsOf: escape(&index, until: token.range.upperBound).utf8)
      } else {
        text.append(byte)
        index += 1
      }
    }
    return text
  }

  /// The character of the escape at the index, which moves behind it.
  private func escape(_ index: inout Int, until end: Int) -> String {
    defer { index += 2 }
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      defer { index += 4 }
      return unicodeEscape(&index, until: end)
    case let byte: return String(decoding: [byte], as: UTF8.self)
    }
  }

  private func unicodeEscape(_ index: inout Int, until end: Int) -> String {
    guard let unit = hexUnit(at: index + 2, until: end) else { return "\u{FFFD}" }
    var units = [unit]
    // A character above U+FFFF is written as two escapes (RFC 8259 §7).
    if UTF16.isLeadSurrogate(unit), index + 7 < end, bytes[index + 6] == UInt8(ascii: "\\"),
      bytes[index + 7] == UInt8(ascii: "u"), let trail = hexUnit(at: index + 8, until: end),
      UTF16.isTrailSurrogate(trail)
    {
      units.append(trail)
      index += 6
    }
    return String(decoding: units, as: UTF16.self)
  }

  private func hexUnit(at start: Int, until end: Int) -> UInt16? {
    guard start + 4 <= end else { return nil }
    return UInt16(String(decoding: bytes[start..<start + 4], as: UTF8.self), radix: 16)
  }
}
