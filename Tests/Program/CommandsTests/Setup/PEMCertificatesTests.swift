import Testing

@testable import Commands

@Suite struct PEMCertificatesTests {
  private static let one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
  private static let two = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n"

  @Test func takesNoKeyAlong() {
    let key = "-----BEGIN PRIVATE KEY-----\nCCCC\n-----END PRIVATE KEY-----\n"
    #expect(PEMCertificates.text(in: "# mine\n" + Self.one + key + Self.two) == Self.one + Self.two)
  }

  @Test(arguments: [
    "", "AAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA\n",
    "-----BEGIN PRIVATE KEY-----\nCCCC\n-----END PRIVATE KEY-----\n",
  ])
  func halfACertificateIsNone(text: String) { #expect(PEMCertificates.text(in: text).isEmpty) }

  @Test func readsTheLineEndsOfOtherSystems() {
    #expect(PEMCertificates.text(in: Self.one.replacing("\n", with: "\r\n")) == Self.one)
  }
}
