import HTTPTransport
import PVESimulator
import PeerTrust
import TestSupport
import Testing

@testable import ProxmoxAPI

@Suite("Calls that give access", .timeLimit(.minutes(5))) struct AccessCallsTests {
  private let http = HTTPClient()
  private static let version = PVEVersion(9, 0, 10)

  private func simulator(totpCode: String? = nil) async throws -> PVESimulator {
    let root = SimulatedUser(
      name: "root@pam", password: "secret", permissions: .administrator(Self.version), totpCode: totpCode)
    return try await PVESimulator.start(
      cluster: SimulatedCluster(version: Self.version, nodes: [SimulatedNode(name: "pve1")], users: [root]))
  }

  private func client(
    _ simulator: PVESimulator, _ credentials: ProxmoxCredentials = .password(username: "root@pam", password: "secret"),
    secondFactor: SecondFactor? = nil
  ) throws -> ProxmoxClient {
    let pin = try #require(CertificateFingerprint(simulator.fingerprint))
    return ProxmoxClient(
      endpoint: simulator.url, credentials: credentials, trust: .fingerprints([pin]), http: http,
      timeout: .seconds(60), secondFactor: secondFactor)
  }

  @Test("A token works while it and its user have a role")
  func givesAccess() async throws {
    let simulator = try await simulator()
    let root = try client(simulator)
    try await root.createUser("a@pve", comment: "")
    let secret = try await root.createToken("agent", of: "a@pve", comment: "")
    let token = try client(simulator, .token(id: "a@pve!agent", secret: secret))
    try await root.grant("PVEAuditor", on: "/", users: [], tokens: ["a@pve!agent"])
    #expect(try await token.effectivePermissions().privileges(on: "/").isEmpty, "its user has none")
    try await root.grant("PVEAuditor", on: "/", users: ["a@pve"], tokens: [])
    #expect(try await token.effectivePermissions().privileges(on: "/vms").contains("VM.Audit"))
    let holders = try await root.accessControlList().filter { $0.role == "PVEAuditor" }
    #expect(Set(holders.map(\.name)) == ["a@pve", "a@pve!agent"])
    try await root.grant("PVEAuditor", on: "/", users: ["a@pve"], tokens: [], revoking: true)
    #expect(try await token.effectivePermissions().privileges(on: "/").isEmpty)
    try await root.deleteToken("agent", of: "a@pve")
    await #expect(throws: ProxmoxError.self) { _ = try await token.version() }
    try await root.deleteUser("a@pve")
    #expect(simulator.cluster.users.map(\.name) == ["root@pam"] && simulator.cluster.tokens.isEmpty)
    await simulator.shutdown()
  }

  @Test("Errors for existing objects are recognised with any status")
  func existing() async throws {
    let simulator = try await simulator()
    let root = try client(simulator)
    try await root.createUser("a@pve", comment: "")
    try await root.createRole("ScoutReader", privileges: ["VM.Audit"])
    _ = try await root.createToken("agent", of: "a@pve", comment: "")
    for call in [
      { try await root.createUser("a@pve", comment: "") },
      { try await root.createRole("ScoutReader", privileges: ["VM.Audit"]) },
      { _ = try await root.createToken("agent", of: "a@pve", comment: "") },
    ] as [() async throws -> Void] {
      let error = await #expect(throws: ProxmoxError.self) { try await call() }
      #expect(error?.saysItExists == true, "\(String(describing: error))")
    }
    await simulator.shutdown()
  }

  @Test("A privilege that this version does not know is refused")
  func refusesUnknownPrivileges() async throws {
    let simulator = try await simulator()
    let error = await #expect(throws: ProxmoxError.self) {
      try await client(simulator).createRole("ScoutReader", privileges: ["VM.Audit", "VM.Monitor"])
    }
    #expect(error?.description.contains("invalid privilege 'VM.Monitor'") == true)
    #expect(error?.saysItExists == false)
    await simulator.shutdown()
  }

  @Test(
    "An answer without the secret, or cut off behind it, repeats nothing of it",
    arguments: [#"{"data":{"secret":"geheim"}}"#, #"{"data":{"value":"geheim""#, #"{"value":"geheim"}"#])
  func hidesTheSecret(body: String) async throws {
    let simulator = try await simulator()
    let root = try client(simulator)
    try await root.createUser("a@pve", comment: "")
    simulator.inject(Fault(.body(body), path: "/access/users/a@pve/token"))
    let error = await #expect(throws: ProxmoxError.self) {
      _ = try await root.createToken("agent", of: "a@pve", comment: "")
    }
    #expect(error?.description.contains("geheim") == false && error?.mayHaveSucceeded == true)
    await simulator.shutdown()
  }

  @Test("A second factor is asked for once a login")
  func logsInWithSecondFactor() async throws {
    let simulator = try await simulator(totpCode: "123456")
    let root = try client(simulator) { () async throws(ProxmoxError) in
      guard let code = OneTimeCode("123 456") else { throw .unauthorized("no code") }
      return code
    }
    _ = try await root.version()
    _ = try await root.nodes()
    #expect(simulator.requests().count { $0.path == "/access/ticket" } == 2, "a half ticket and a whole one")
    await simulator.shutdown()
  }

  @Test("A wrong second factor says so")
  func refusesAWrongSecondFactor() async throws {
    let simulator = try await simulator(totpCode: "123456")
    let root = try client(simulator) { () async throws(ProxmoxError) in
      guard let code = OneTimeCode("000000") else { throw .unauthorized("no code") }
      return code
    }
    let error = await #expect(throws: ProxmoxError.self) { _ = try await root.version() }
    #expect(error?.description.contains("second factor of root@pam") == true)
    await simulator.shutdown()
  }

  @Test(
    "Digits are a TOTP code, other texts a recovery key",
    arguments: [
      ("123456", "totp:123456"), (" 123 456 ", "totp:123456"), ("12345678", "totp:12345678"),
      ("1a2b-3c4d", "recovery:1a2b-3c4d"), ("12345", "recovery:12345"),
    ])
  func readsCodes(text: String, answer: String) { #expect(OneTimeCode(text)?.answer == answer) }

  @Test("An empty code is none, nor is a long text", arguments: ["", "  ", String(repeating: "1", count: 65)])
  func refusesCodes(text: String) { #expect(OneTimeCode(text) == nil) }
}
