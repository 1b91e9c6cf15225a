/// The SHA-256 of a certificate's DER form, as PVE's GUI and `openssl x509 -fingerprint -sha256` show it.
package struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// 32 bytes in hex, with or without colons, in any case, or the line that openssl prints (`sha256 Fingerprint=AA:…`);
  /// nil otherwise.
  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
    guard parts.count == 1 || parts.first?.lowercased() == "sha256fingerprint" else { return nil }
    let digits = (parts.last ?? "").utf8.filter { $0 != UInt8(ascii: ":") }
    // `UInt8(_:radix:)` alone would accept a sign.
    guard digits.count == 64, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
    var bytes: [UInt8] = []
    for pair in stride(from: 0, to: 64, by: 2) {
      guard let byte = UInt8(String(decoding: digits[pair..<pair + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    self.bytes = bytes
  }

  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Upper-case hex with colons.
  package var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
  }
}
