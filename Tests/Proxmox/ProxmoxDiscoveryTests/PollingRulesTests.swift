import Foundation
import HTTPTransport
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxDiscovery

@Suite("PollCadence") struct PollCadenceTests {
  private static let refused = ProxmoxError.transport(.connectionRefused(address: "127.64.0.1"))

  @Test("A repeated failure waits longer, up to six intervals or a minute", arguments: [0.5, 10, 30, 300])
  func backsOff(seconds: Double) {
    let interval = Duration.seconds(seconds)
    var cadence = PollCadence(interval: interval)
    #expect(cadence.pause(jitter: 0.5) == interval)
    var longest = Duration.zero
    for _ in 1...20 {
      cadence.failed(Self.refused)
      let pause = cadence.pause(jitter: 0)
      #expect(pause >= max(longest, interval))
      #expect(cadence.pause(jitter: 0.99) >= interval && cadence.pause(jitter: 0.99) <= pause)
      longest = pause
    }
    #expect(longest == max(interval, min(interval * 6, .seconds(60))))
    cadence.succeeded()
    #expect(cadence.pause(jitter: 0) == interval)
  }

  @Test("The first failure is tried again after one interval, refused credentials are not")
  func sparesRefusedCredentials() {
    var cadence = PollCadence(interval: .seconds(10))
    cadence.failed(Self.refused)
    #expect(cadence.pause(jitter: 0) == .seconds(10))
    cadence.failed(.unauthorized("no"))
    #expect(cadence.pause(jitter: 0) == .seconds(30))
    cadence = PollCadence(interval: .milliseconds(500))
    cadence.failed(.unauthorized("no"))
    #expect(cadence.pause(jitter: 0) == .seconds(30))
  }

  /// A node logs each refusal, and fail2ban counts them.
  @Test("Refused credentials are asked ever less often, up to a quarter of an hour; that is over once they are taken")
  func asksRefusedCredentialsEverLessOften() {
    var cadence = PollCadence(interval: .seconds(10))
    var pauses: [Double] = []
    for _ in 1...7 {
      cadence.failed(.unauthorized("no"))
      pauses.append(cadence.pause(jitter: 0) / .seconds(1))
    }
    #expect(pauses == [30, 60, 120, 240, 480, 900, 900])
    // An outage in between does not make the credentials valid.
    cadence.failed(Self.refused)
    #expect(cadence.pause(jitter: 0) == .seconds(900))
    #expect(cadence.pause(jitter: 0.99) > .seconds(700))
    cadence.succeeded()
    #expect(cadence.pause(jitter: 0) == .seconds(10))
  }
}

@Suite("ClusterIdentity") struct ClusterIdentityTests {
  @Test("Two entries are one cluster only where it is proved", arguments: identityRows)
  func compares(_ row: IdentityRow) {
    let identities = ClusterIdentities()
    identities.configure(["first", "second"])
    #expect(identities.claim("second", ClusterIdentity(row.second.snapshot)) == nil)
    #expect(identities.claim("first", ClusterIdentity(row.first.snapshot)) == nil)
    #expect(identities.claim("second", ClusterIdentity(row.second.snapshot)) == (row.isSame ? "first" : nil))
    identities.forget("first")
    #expect(identities.claim("second", ClusterIdentity(row.second.snapshot)) == nil)
  }
}

struct IdentityRow: Sendable, CustomTestStringConvertible {
  struct Cluster: Sendable {
    var pveName: String?
    var nodes = ["pve"]
    var fingerprint: UInt8? = 0xAA
    var guests: [VMID: String] = [101: "plex"]

    var snapshot: ClusterSnapshot {
      var snapshot = ClusterSnapshot(name: "x")
      let freshness = Freshness(asOf: Date(timeIntervalSince1970: 0))
      snapshot.pveName = pveName
      snapshot.nodes = nodes.map { name in
        Node(
          id: NodeID(cluster: "x", name: name), status: .online,
          sslFingerprint: fingerprint.flatMap { Self.fingerprint(of: name, $0) },
          freshness: freshness)
      }
      snapshot.guests = guests.map { vmid, name in
        Guest(
          id: GuestID(cluster: "x", vmid: vmid), type: .lxc, name: name.isEmpty ? nil : name, node: "pve",
          status: .running,
          freshness: freshness)
      }
      return snapshot
    }

    /// Different for each node, and for each value.
    private static func fingerprint(of name: String, _ value: UInt8) -> CertificateFingerprint? {
      let end = Array(name.utf8.suffix(31))
      return CertificateFingerprint(bytes: [UInt8](repeating: value, count: 32 - end.count) + end)
    }
  }

  var testDescription: String
  var first: Cluster
  var second: Cluster
  var isSame: Bool
}

private let identityRows: [IdentityRow] = [
  IdentityRow(
    testDescription: "one name, nodes and certificates", first: .init(pveName: "home"), second: .init(pveName: "home"),
    isSame: true),
  IdentityRow(
    testDescription: "another name", first: .init(pveName: "home"), second: .init(pveName: "work"), isSame: false),
  IdentityRow(
    testDescription: "another certificate", first: .init(pveName: "home"),
    second: .init(pveName: "home", fingerprint: 0xBB), isSame: false),
  IdentityRow(
    testDescription: "other nodes", first: .init(pveName: "home"), second: .init(pveName: "home", nodes: ["pve", "b"]),
    isSame: false),
  IdentityRow(
    testDescription: "no certificates known", first: .init(pveName: "home", fingerprint: nil),
    second: .init(pveName: "home", fingerprint: nil), isSame: false),
  IdentityRow(testDescription: "one standalone host", first: .init(), second: .init(), isSame: true),
  IdentityRow(
    testDescription: "standalone hosts with a wildcard certificate", first: .init(),
    second: .init(guests: [101: "other"]), isSame: false),
  IdentityRow(
    testDescription: "one standalone host, of which a name is not known for now", first: .init(),
    second: .init(guests: [101: ""]), isSame: true),
  IdentityRow(
    testDescription: "empty standalone hosts", first: .init(guests: [:]), second: .init(guests: [:]), isSame: false),
]
