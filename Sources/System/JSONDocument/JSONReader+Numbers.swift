// Numbers, following the grammar of RFC 8259 §6.
extension JSONReader {
  /// The end of a number, and whether it has neither fraction nor exponent.
  struct NumberToken {
    var end: Int
    var isInteger: Bool
  }

  /// Reads a number: an integer if it fits into 64 bits, else a finite double.
  mutating func number() throws(JSONError) -> JSONValue {
    let token = try numberToken()
    if token.isInteger, let value = integer(until: token.end) {
      position = token.end
      return .int(value)
    }
    guard let value = Double(String(decoding: bytes[position..<token.end], as: UTF8.self)), value.isFinite else {
      throw error("a number beyond any that a computer can hold")
    }
    position = token.end
    return .double(value)
  }

  /// Scans the number at the current position without moving it.
  func numberToken() throws(JSONError) -> NumberToken {
    var end = position
    if at(end) == UInt8(ascii: "-") { end += 1 }
    let start = end
    guard passDigits(&end), bytes[start] != UInt8(ascii: "0") || end == start + 1 else {
      throw error("no value where one is wanted")
    }
    var isInteger = true
    if at(end) == UInt8(ascii: ".") {
      isInteger = false
      end += 1
      guard passDigits(&end) else { throw error("no digit behind a '.'") }
    }
    if at(end) == UInt8(ascii: "e") || at(end) == UInt8(ascii: "E") {
      isInteger = false
      end += 1
      if at(end) == UInt8(ascii: "+") || at(end) == UInt8(ascii: "-") { end += 1 }
      guard passDigits(&end) else { throw error("no digit in an exponent") }
    }
    return NumberToken(end: end, isInteger: isInteger)
  }

  private func at(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Skips digits; returns whether there is at least one.
  private func passDigits(_ index: inout Int) -> Bool {
    let start = index
    while let byte = at(index), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
    return index > start
  }

  /// Nil if the number does not fit.
  private func integer(until end: Int) -> Int? {
    let isNegative = bytes[position] == UInt8(ascii: "-")
    var value = 0
    for byte in bytes[(isNegative ? position + 1 : position)..<end] {
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int(byte - UInt8(ascii: "0"))
      let (sum, overflowToo) =
        isNegative
        ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      if overflow || overflowToo { return nil }
      value = sum
    }
    return value
  }
}
