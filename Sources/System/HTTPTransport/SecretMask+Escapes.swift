// Texts are searched for secrets in their plainest form, because the peer chooses what it escapes.
extension SecretMask {
  private static let (backslash, percent) = (UInt8(ascii: "\\"), UInt8(ascii: "%"))

  /// JSON's escapes of two characters, except for those of `"` and `\`, which it needs.
  private static let shortEscapes: [UInt8: UInt8] = [
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10,
    UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
  ]

  /// The byte as JSON must write it in a string (RFC 8259 §7); control characters as `\u00XX`.
  static func escaped(_ byte: UInt8) -> [UInt8] {
    switch byte {
    case backslash, UInt8(ascii: "\""): [backslash, byte]
    case 0..<0x20: Array((byte < 16 ? "\\u000" : "\\u00").utf8) + String(byte, radix: 16).utf8
    default: [byte]
    }
  }

  /// Decodes the escapes of JSON that are not necessary. JSON keeps its meaning.
  static func withoutNeedlessEscapes(_ bytes: [UInt8]) -> [UInt8] {
    var (plain, rest) = ([UInt8](), bytes[...])
    while let escape = rest.firstIndex(of: backslash) {
      plain += rest[..<escape]
      rest = rest[escape...]
      var units: [UInt16] = []
      while let unit = unicodeEscape(rest) {
        units.append(unit)
        rest = rest.dropFirst(6)
      }
      plain += String(decoding: units, as: UTF16.self).utf8.flatMap(escaped)
      guard units.isEmpty else { continue }
      plain += rest.dropFirst().first.flatMap { shortEscapes[$0] }.map(escaped) ?? Array(rest.prefix(2))
      rest = rest.dropFirst(2)
    }
    return plain.isEmpty ? bytes : plain + rest
  }

  /// Decodes `%XX`. JSON remains JSON.
  static func withoutPercentCoding(_ bytes: [UInt8]) -> [UInt8] {
    var (plain, rest) = ([UInt8](), bytes[...])
    while let sign = rest.firstIndex(of: percent) {
      plain += rest[..<sign]
      rest = rest[sign...]
      let byte = hexNumber(rest.dropFirst(), digits: 2).flatMap { UInt8(exactly: $0) }
      plain += byte.map(escaped) ?? [percent]
      rest = rest.dropFirst(byte == nil ? 1 : 3)
    }
    return plain.isEmpty ? bytes : plain + rest
  }

  /// The code unit of a `\uXXXX` at the beginning.
  private static func unicodeEscape(_ bytes: ArraySlice<UInt8>) -> UInt16? {
    bytes.starts(with: [backslash, UInt8(ascii: "u")]) ? hexNumber(bytes.dropFirst(2), digits: 4) : nil
  }

  /// The number at the beginning; nil if it has fewer digits.
  private static func hexNumber(_ bytes: ArraySlice<UInt8>, digits: Int) -> UInt16? {
    let values = bytes.prefix(digits).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return values.count == digits ? values.reduce(0) { $0 << 4 | UInt16($1) } : nil
  }
}
