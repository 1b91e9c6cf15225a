import HTTPTransport
import PVESimulator
import PeerTrust
import ProxmoxAPI
import TestSupport
import Testing

@Suite("ProxmoxClient", .timeLimit(.minutes(5))) struct ProxmoxClientTests {
  private static let user = SimulatedUser(
    name: "watcher@pve", password: "p@ss word&=", permissions: .readsEverything(PVEVersion(9, 0, 10)))

  @Test("A cluster answers every call", arguments: [PVEVersion(9, 0, 10), PVEVersion(8, 2, 4)])
  func readsACluster(version: PVEVersion) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 2, guests: 12, version: version))
    let client = try client(of: simulator)
    #expect(try await client.version().version == version.description)
    #expect(try await client.clusterStatus().members.map(\.name).sorted() == ["pve1", "pve2"])
    let resources = try await client.resources()
    #expect(resources.nodes.count == 2 && resources.guests.count == 12)
    #expect(try await client.nodes().allSatisfy { $0.sslFingerprint != nil })
    #expect(try await client.network(node: "pve1").contains { !$0.addresses.isEmpty })
    let permissions = try await client.effectivePermissions()
    #expect(permissions.grantsAnywhere("VM.Audit"))
    let container = try #require(resources.guests.first { !$0.isQEMU && $0.status == "running" })
    let interfaces = try #require(try await client.lxcInterfaces(node: container.node, vmid: container.vmid))
    #expect(interfaces.contains { $0.name == "eth0" && !$0.addresses.isEmpty })
    #expect(try await client.lxcConfig(node: container.node, vmid: container.vmid).hostname == container.name)
    #expect(try await client.lxcStatus(node: container.node, vmid: container.vmid).status == "running")
    let machine = try #require(resources.guests.first { $0.isQEMU && $0.status == "running" })
    #expect(try await client.qemuConfig(node: machine.node, vmid: machine.vmid).isAgentEnabled)
    #expect(
      try await client.qemuAgentInterfaces(node: machine.node, vmid: machine.vmid).contains { $0.name == "ens18" })
    await simulator.shutdown()
  }

  @Test("A stopped container has no interfaces, and a missing one is not found")
  func reportsMissingGuests() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    simulator.update { $0.stop(101) }
    let client = try client(of: simulator)
    #expect(try await client.lxcInterfaces(node: "pve1", vmid: 101) == nil)
    await expectError("not found") {
      if case .notFound = $0 { true } else { false }
    } from: {
      _ = try await client.lxcConfig(node: "pve1", vmid: 777)
    }
    await simulator.shutdown()
  }

  @Test("A wrong secret, a wrong pin and a missing privilege are distinguished")
  func refusals() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    let wrongSecret = ProxmoxClient(
      endpoint: simulator.url, credentials: .token(id: SimulatedCluster.sampleToken.id, secret: "wrong"),
      trust: try pin(simulator), http: HTTPClient(), timeout: .seconds(180))
    await expectError("unauthorized") {
      if case .unauthorized = $0 { true } else { false }
    } from: {
      _ = try await wrongSecret.resources()
    }
    simulator.clearRequests()
    let wrongPin = ProxmoxClient(
      endpoint: simulator.url, credentials: token,
      trust: .fingerprints([try #require(CertificateFingerprint(String(repeating: "00", count: 32)))]),
      http: HTTPClient(), timeout: .seconds(180))
    await expectError("fingerprint") {
      if case .fingerprintMismatch(.some) = $0 { true } else { false }
    } from: {
      _ = try await wrongPin.resources()
    }
    #expect(simulator.credentialCount == 0)
    simulator.update { $0.tokens[0].permissions = .none }
    let client = try client(of: simulator)
    await expectError("forbidden") { error in
      if case .forbidden(let privilege, _) = error { privilege?.privileges == "Sys.Audit" } else { false }
    } from: {
      _ = try await client.clusterStatus()
    }
    #expect(try await client.resources().guests.isEmpty)
    await simulator.shutdown()
  }

  @Test("A password logs in once, and again when its ticket is refused")
  func logsIn() async throws {
    var cluster = SimulatedCluster.sample()
    cluster.users = [Self.user]
    let simulator = try await PVESimulator.start(cluster: cluster)
    let client = try client(of: simulator, .password(username: Self.user.name, password: Self.user.password))
    async let first = client.resources()
    async let second = client.version()
    #expect(try await first.guests.count == 20)
    _ = try await second
    #expect(logins(simulator) == 1)
    simulator.forgetTickets()
    #expect(try await client.resources().guests.count == 20)
    #expect(logins(simulator) == 2)
    await simulator.shutdown()
  }

  @Test("A user with a second factor is advised to create an API token")
  func refusesSecondFactor() async throws {
    var (cluster, user) = (SimulatedCluster.sample(), Self.user)
    user.totpCode = "123456"
    cluster.users = [user]
    let simulator = try await PVESimulator.start(cluster: cluster)
    let client = try client(of: simulator, .password(username: user.name, password: user.password))
    await expectError("second factor") {
      $0.description.contains("API token")
    } from: {
      _ = try await client.version()
    }
    await simulator.shutdown()
  }

  @Test("The error for an answer that is not PVE's describes the answer", arguments: faultRows)
  func faults(_ row: FaultRow) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    simulator.inject(Fault(row.kind))
    let client = try client(of: simulator)
    for call in [{ _ = try await client.resources() }, { _ = try await client.nodes() }] as [() async throws -> Void] {
      await expectError(row.text) {
        $0.description.contains(row.text)
      } from: {
        try await call()
      }
    }
    await simulator.shutdown()
  }

  @Test("No error repeats a password, however the answer spells it", arguments: spellingRows)
  func hidesThePassword(_ row: SpellingRow) async throws {
    var (cluster, user) = (SimulatedCluster.sample(), Self.user)
    user.password = row.password
    cluster.users = [user]
    let simulator = try await PVESimulator.start(cluster: cluster)
    simulator.inject(Fault(row.kind, path: "/version"))
    let client = try client(of: simulator, .password(username: user.name, password: user.password))
    await expectError("a masked password") {
      let text = $0.description
      return text.contains("wrong: ") && ["päss", "wörd", "u00", "Ã¤", "%C3"].allSatisfy { !text.contains($0) }
    } from: {
      _ = try await client.version()
    }
    await simulator.shutdown()
  }

  private var token: ProxmoxCredentials {
    .token(id: SimulatedCluster.sampleToken.id, secret: SimulatedCluster.sampleToken.secret)
  }

  private func pin(_ simulator: PVESimulator) throws -> TrustPolicy {
    .fingerprints([try #require(CertificateFingerprint(simulator.fingerprint))])
  }

  private func client(of simulator: PVESimulator, _ credentials: ProxmoxCredentials? = nil) throws -> ProxmoxClient {
    ProxmoxClient(
      endpoint: simulator.url + "/", credentials: credentials ?? token, trust: try pin(simulator), http: HTTPClient(),
      timeout: .seconds(180))
  }

  private func logins(_ simulator: PVESimulator) -> Int {
    simulator.requests().filter { $0.method == "POST" && $0.path.hasSuffix("/access/ticket") }.count
  }

  private func expectError(
    _ what: String, _ matches: (ProxmoxError) -> Bool, from call: () async throws -> Void
  ) async {
    do {
      try await call()
      Issue.record("no error where \(what) was expected")
    } catch let error as ProxmoxError {
      #expect(matches(error), "found \(error) where \(what) was expected")
    } catch {
      Issue.record(error)
    }
  }
}

struct FaultRow: Sendable {
  var kind: Fault.Kind
  var text: String
}

private let faultRows: [FaultRow] = [
  FaultRow(kind: .status(595, "No route to host"), text: "595 No route to host"),
  FaultRow(kind: .status(500, "cluster not ready - no quorum?"), text: "cluster not ready - no quorum?"),
  FaultRow(kind: .html502, text: "502"),
  FaultRow(kind: .halfJSON, text: "wanted PVE's JSON"),
  FaultRow(kind: .body("<!DOCTYPE html><title>router</title>"), text: "<!DOCTYPE html>"),
  FaultRow(kind: .body(""), text: "0 bytes"),
  FaultRow(kind: .body("{\"success\":1}"), text: "wanted PVE's JSON"),
  FaultRow(kind: .truncated, text: ""),
  FaultRow(kind: .drop, text: ""),
]

struct SpellingRow: Sendable {
  var password = "päss<wörd/"
  var kind: Fault.Kind
}

private let spellingRows: [SpellingRow] = [
  SpellingRow(kind: .status(401, "Unauthorized", body: #"{"message":"wrong: p\u00e4ss\u003cw\u00f6rd\/"}"#)),
  SpellingRow(kind: .status(400, "wrong: ", body: #"{"errors":{"a":"p\u00e4ss<wörd/","p\u00e4ss<wörd\/":"b"}}"#)),
  SpellingRow(kind: .status(500, "Internal Server Error", body: #"{"message":"wrong: p\\u00e4ss\\u003cwörd/"}"#)),
  SpellingRow(kind: .status(500, "wrong: pÃ¤ss<wÃ¶rd/")),
  SpellingRow(kind: .status(403, "wrong: p%C3%A4ss<wörd%2f")),
  SpellingRow(kind: .body(#"{"wrong: ":"p\u00e4ss<wörd\/"}"#)),
  SpellingRow(kind: .body(#"{"wrong: p\u00e4ss<wörd\/"#)),
  SpellingRow(password: "wörd/", kind: .body(#"{"wrong: w\u00f6rd/":1}"#)),
]
