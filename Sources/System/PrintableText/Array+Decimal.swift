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
    for index in start..<digits.count { append(digits[index]) }
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
    for index in digits.count - count..<digits.count { append(digits[index]) }
  }
}
