extension [UInt8] {
  /// Appends a number as text, without a string in between.
  package mutating func append(decimal number: UInt64) {
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var (rest, start) = (number, digits.count)
    repeat {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      start -= 1
      digits[start] += UInt8(truncatingIfNeeded: remainder)
      rest = quotient
    } while rest != 0
    append(digits, from: start)
  }

  /// Appends the last digits of a number, at most 20, with leading zeros.
  package mutating func append(decimal number: Int, digits count: Int) {
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var (rest, start) = (number, digits.count)
    while rest != 0, start > digits.count - count {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      start -= 1
      digits[start] += UInt8(truncatingIfNeeded: remainder)
      rest = quotient
    }
    append(digits, from: digits.count - count)
  }

  private mutating func append(_ digits: InlineArray<20, UInt8>, from start: Int) {
    append(addingCapacity: digits.count - start) { text in
      for index in start..<digits.count { text.append(digits[index]) }
    }
  }
}

extension OutputSpan<UInt8> {
  /// Appends bytes; there must be room for them.
  @inlinable
  public mutating func append(_ bytes: Span<UInt8>) { for index in bytes.indices { append(bytes[index]) } }
}
