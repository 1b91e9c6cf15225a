/// Bytes as pairs of hex digits, optionally separated by blanks and colons.
enum HexText {
  /// Nil if a digit is missing or invalid.
  static func bytes(_ text: some StringProtocol) -> [UInt8]? {
    let digits = text.filter { $0 != " " && $0 != ":" }.map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for pair in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
      bytes.append(UInt8(high * 16 + low))
    }
    return bytes
  }
}
