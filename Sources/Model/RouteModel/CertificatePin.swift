/// The SHA-256 fingerprint that identifies an upstream's certificate (`ssl_fingerprint`).
package struct CertificatePin: Hashable, Sendable, CustomStringConvertible {
  /// 64 hex digits, in lower case and without colons.
  private let digits: String

  /// Parses 32 bytes in hex, with or without colons, in any case; nil otherwise.
  package init?(_ text: String) {
    let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 64, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    self.digits = String(decoding: digits, as: UTF8.self).lowercased()
  }

  package var description: String { digits }
}
