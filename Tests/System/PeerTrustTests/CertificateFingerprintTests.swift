import PeerTrust
import Testing

@Suite struct CertificateFingerprintTests {
  @Test func readsHexWithAndWithoutColons() throws {
    let plain = String(repeating: "0a", count: 32)
    let fingerprint = try #require(CertificateFingerprint(plain))
    #expect(fingerprint.bytes == [UInt8](repeating: 10, count: 32))
    #expect(fingerprint.description == Array(repeating: "0A", count: 32).joined(separator: ":"))
    #expect(CertificateFingerprint(fingerprint.description) == fingerprint)
  }

  /// The forms of PVE, of openssl and of other programs.
  @Test func isTheSameInEveryForm() throws {
    let plain = String(repeating: "0aF", count: 21) + "b"
    let colons = stride(from: 0, to: 64, by: 2).map { plain.dropFirst($0).prefix(2) }.joined(separator: ":")
    let fingerprint = try #require(CertificateFingerprint(plain))
    for form in [plain.uppercased(), colons, colons.lowercased(), " \(colons)\n"] {
      #expect(CertificateFingerprint(form) == fingerprint)
    }
    #expect(CertificateFingerprint(bytes: fingerprint.bytes) == fingerprint)
    #expect(CertificateFingerprint(bytes: fingerprint.bytes.reversed()) != fingerprint)
  }

  @Test(arguments: [0, 20, 31, 33])
  func hasThirtyTwoBytes(count: Int) {
    #expect(CertificateFingerprint(bytes: [UInt8](repeating: 1, count: count)) == nil)
    #expect(CertificateFingerprint(String(repeating: "01", count: count)) == nil)
  }

  @Test(arguments: ["sha256 Fingerprint=", "SHA256 Fingerprint=", "sha256 fingerprint = "])
  func readsTheLineThatOpenSSLPrints(prefix: String) {
    let digits = Array(repeating: "0A", count: 32).joined(separator: ":")
    #expect(CertificateFingerprint(prefix + digits) == CertificateFingerprint(digits))
  }

  @Test func refusesTheLineOfAnotherDigest() {
    #expect(CertificateFingerprint("sha1 Fingerprint=" + String(repeating: "0a", count: 32)) == nil)
  }

  @Test(arguments: ["", "=", "AB", String(repeating: "zz", count: 32), String(repeating: "+1", count: 32)])
  func refusesWhatIsNone(text: String) {
    #expect(CertificateFingerprint(text) == nil)
  }
}
