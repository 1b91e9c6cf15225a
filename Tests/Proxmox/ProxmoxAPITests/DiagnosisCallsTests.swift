import HTTPTransport
import PVESimulator
import PeerTrust
import TestSupport
import Testing

@testable import ProxmoxAPI

@Suite("Calls of diagnosis", .timeLimit(.minutes(5))) struct DiagnosisCallsTests {
  private let http = HTTPClient()

  private func client(_ simulator: PVESimulator) throws -> ProxmoxClient {
    let token = SimulatedCluster.sampleToken
    return ProxmoxClient(
      endpoint: simulator.url, credentials: .token(id: token.id, secret: token.secret), trust: try pin(simulator),
      http: http, timeout: .seconds(60))
  }

  private func pin(_ simulator: PVESimulator) throws -> TrustPolicy {
    .fingerprints([try #require(CertificateFingerprint(simulator.fingerprint))])
  }

  private func throwsForbidden(_ call: () async throws(ProxmoxError) -> Void) async -> Bool {
    do throws(ProxmoxError) {
      try await call()
      return false
    } catch {
      guard case .forbidden = error else { return false }
      return true
    }
  }

  @Test("A greeting shows the certificate, and needs no credentials")
  func greets() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    let greeting = try await ServerGreeting.of(
      simulator.url, trust: try pin(simulator), http: http, timeout: .seconds(60),
      hiding: .token(id: "a@pve!b", secret: "secret"))
    let certificate = try #require(greeting.certificate)
    #expect(certificate.fingerprint.description == simulator.fingerprint)
    #expect(certificate.notBefore < certificate.notAfter)
    #expect(simulator.credentialCount == 0)
    await simulator.shutdown()
  }

  @Test("An auditor can read its user, all entries and every clock")
  func auditor() async throws {
    var cluster = SimulatedCluster.sample()
    let power = Permissions(["/vms": .init(["VM.PowerMgmt"], propagates: false, name: "Power")])
    cluster.users = [SimulatedUser(name: "pvescout@pve", password: "p", permissions: power)]
    cluster.tokens[0].expires = 1_900_000_000
    cluster.nodes[1].clockOffset = 3600
    let simulator = try await PVESimulator.start(cluster: cluster)
    let client = try client(simulator)
    let account = try await client.account(of: "pvescout@pve")
    #expect(account.expires == nil && account.tokens["agent"] == .init(expires: 1_900_000_000, isSeparated: true))
    #expect(
      try await client.accessControlList().contains(
        ACLEntry(path: "/vms", holder: .user, name: "pvescout@pve", role: "Power", propagates: false)))
    #expect(try await client.effectivePermissions(of: "pvescout@pve").paths == ["/vms": ["VM.PowerMgmt": false]])
    #expect(try await client.effectivePermissions(on: "/vms").privileges(on: "/vms").contains("VM.Audit"))
    let (first, second) = (try await client.clock(node: "pve1"), try await client.clock(node: "pve2"))
    #expect((3500...7200).contains(second - first))
    await simulator.shutdown()
  }

  @Test("A caller without privileges can only read its own privileges")
  func callerWithoutPrivileges() async throws {
    var cluster = SimulatedCluster.sample()
    cluster.tokens[0].permissions = .none
    let simulator = try await PVESimulator.start(cluster: cluster)
    let client = try client(simulator)
    #expect(try await client.effectivePermissions().paths.isEmpty)
    #expect(try await client.accessControlList().isEmpty)
    #expect(await throwsForbidden { () throws(ProxmoxError) in _ = try await client.account(of: "pvescout@pve") })
    #expect(await throwsForbidden { () throws(ProxmoxError) in _ = try await client.clock(node: "pve1") })
    #expect(
      await throwsForbidden { () throws(ProxmoxError) in
        _ = try await client.effectivePermissions(of: "pvescout@pve")
      })
    await simulator.shutdown()
  }
}
