import PeerTrust
import Testing

@testable import ProxmoxDiscovery

@Suite struct NodeFactsTests {
  @Test("Fingerprints are saved as PVE shows them; what is none is left out")
  func savesFingerprints() throws {
    let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 0xAB, count: 32)))
    let text = String(repeating: "AB:", count: 31) + "AB"
    var known = NodeFacts.Known()
    known.fingerprints = ["pve1": text, "pve2": "AB:CD"]
    let facts = NodeFacts(known)
    #expect(facts.fingerprints == ["pve1": pin])
    #expect(facts.known.fingerprints == ["pve1": text])
  }
}
