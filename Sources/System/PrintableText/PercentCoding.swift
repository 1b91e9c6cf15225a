/// Percent-encoding in URLs (RFC 3986 §2.1).
package enum PercentCoding {
  /// Encodes all but the unreserved characters as `%XX`, which is safe in path segments, query values, form fields and
  /// cookies.
  package static func encode(_ text: String) -> String { encode(Array(text.utf8)) }

  /// - Parameter plain: the ASCII characters to leave unchanged besides the unreserved ones.
  package static func encode(_ bytes: [UInt8], besides plain: String = "") -> String {
    let hexDigits = Array("0123456789ABCDEF".unicodeScalars)
    var text = String.UnicodeScalarView()
    for byte in bytes {
      if isUnreserved(byte) || plain.utf8.contains(byte) {
        text.append(Unicode.Scalar(byte))
      } else {
        text += ["%", hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
      }
    }
    return String(text)
  }

  /// Nil if a `%` is not followed by two hex digits, or the bytes are not UTF-8.
  package static func decode(_ text: some StringProtocol) -> String? {
    decode(bytes: text.utf8).flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// Nil if a `%` is not followed by two hex digits.
  package static func decode(bytes text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// RFC 3986 §2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}
