import PeerTrust
import ProxmoxDiscovery
import Testing

@testable import Diagnosis

@Suite("DuplicateClusterCheck") struct DuplicateClusterCheckTests {
  private static func identity(
    _ name: String?, pin: UInt8 = 0xAA, guests: [Int: String] = [101: "plex"]
  ) -> ClusterIdentity {
    let fingerprint = CertificateFingerprint(bytes: [UInt8](repeating: pin, count: 32))
    return ClusterIdentity(pveName: name, nodes: [("pve", fingerprint)], guests: guests.mapValues { $0 })
  }

  static let pairs: [(first: String?, second: String?, pin: UInt8, guests: [Int: String], isSame: Bool)] = [
    ("home", "home", 0xAA, [:], true),
    ("home", "lab", 0xAA, [101: "plex"], false),
    (nil, nil, 0xAA, [101: "plex"], true),
    (nil, nil, 0xAA, [102: "plex"], false),
    (nil, nil, 0xBB, [101: "plex"], false),
  ]

  @Test("Entries are one cluster by nodes, certificates and name, or guests", arguments: pairs)
  func twins(first: String?, second: String?, pin: UInt8, guests: [Int: String], isSame: Bool) {
    let (one, two) = (Self.identity(first), Self.identity(second, pin: pin, guests: guests))
    let checks = DuplicateClusterCheck.checks(of: [("home", one), ("dead", nil), ("spare", two)])
    #expect(checks[0].isEmpty && checks[1].isEmpty && checks[2].isEmpty != isSame)
    if isSame { #expect(checks[2][0].severity == .problem && checks[2][0].found.contains("'home'")) }
  }
}
