import HTTPTransport
import Testing

@Suite struct CertificateFingerprintTests {
  @Test func readsHexWithAndWithoutColons() throws {
    let plain = String(repeating: "0a", count: 32)
    let fingerprint = try #require(CertificateFingerprint(plain))
    #expect(fingerprint.bytes == [UInt8](repeating: 10, count: 32))
    #expect(fingerprint.description == Array(repeating: "0A", count: 32).joined(separator: ":"))
    #expect(CertificateFingerprint(fingerprint.description) == fingerprint)
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
