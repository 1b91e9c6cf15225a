import PeerTrust
import Testing

@Suite struct TrustPolicyTests {
  private func pin(_ byte: UInt8) throws -> CertificateFingerprint {
    try #require(CertificateFingerprint(bytes: [UInt8](repeating: byte, count: 32)))
  }

  @Test func pinsTakeAnotherCertificate() throws {
    let (first, second) = (try pin(1), try pin(2))
    #expect(TrustPolicy.fingerprints([first]).trusting(second) == .fingerprints([first, second]))
    #expect(TrustPolicy.fingerprints([first, second]).trusting(second) == .fingerprints([first, second]), "once")
    #expect(TrustPolicy.fingerprints([first]).trusting(nil) == .fingerprints([first]))
  }

  @Test(arguments: [TrustPolicy.systemRoots, .caFile("/ca.pem"), .insecure])
  func otherPoliciesStayAsTheyAre(policy: TrustPolicy) throws {
    #expect(policy.trusting(try pin(1)) == policy)
  }
}
