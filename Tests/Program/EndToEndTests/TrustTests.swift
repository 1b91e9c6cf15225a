import TestSupport
import Testing

/// No token is sent before the peer has proved its identity.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct TrustTests {
  @Test func sendsNothingToACertificateWithAnotherFingerprint() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    let pin = pve.almostTheFingerprint
    let agent = try await RunningAgent.start(
      AgentFiles(
        clusters: [pve.entry(trust: .wrongFingerprint(pin))],
        routes: ["routes.yml": "jellyfin: {port: 8096, healthcheck: {disable: true}}"]))
    let cluster = try await agent.cluster("lab", "reports that the pin does not hold") {
      $0["error"].string?.lowercased().contains("fingerprint") == true
    }
    #expect(cluster["error"].string?.contains(pve.manifest.fingerprint) == true, "it says what was presented")
    #expect(try await agent.get("/v1/guests")["guests"].elements.isEmpty)
    #expect(try await agent.route("jellyfin")["link"]["state"] == "unlinked")
    #expect(try await pve.requests().isEmpty, "nothing was read, so no token was sent")
    let table = try await agent.cli("clusters")
    #expect(table.output.lowercased().contains("fingerprint"), "\(table.output)")
  }

  @Test func sendsNothingToACertificateOfAnotherAuthority() async throws {
    let (pve, stranger) = (try SharedCluster.required(), try await FakePVE.start(lxc: 1, vms: 0))
    try await pve.control(["op": "forget"])
    let entry = pve.entry().replacing(pve.manifest.ca_file, with: stranger.manifest.ca_file)
    let agent = try await RunningAgent.start(AgentFiles(clusters: [entry]))
    try await agent.cluster("lab", "reports that the certificate is not trusted") {
      $0["error"].string?.lowercased().contains("certificate") == true
    }
    #expect(try await pve.requests().isEmpty)
  }

  /// Without `tls:`, the system's CAs decide, and a private CA is not one of them.
  @Test func sendsNothingToAPrivateCertificateWithoutBeingTold() async throws {
    let pve = try SharedCluster.required()
    try await pve.control(["op": "forget"])
    let entry = pve.entry().split(separator: "\n").filter { !$0.contains("tls:") }.joined(separator: "\n")
    let agent = try await RunningAgent.start(AgentFiles(clusters: [entry]))
    try await agent.cluster("lab", "reports how to trust it") {
      $0["error"].string?.lowercased().contains("certificate") == true
    }
    #expect(try await pve.requests().isEmpty)
  }

  @Test func neverPrintsASecret() async throws {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.start(
      AgentFiles(clusters: [pve.entry(secret: "${LAB_TOKEN_SECRET}")]),
      environment: ["LAB_TOKEN_SECRET": pve.tokenSecret])
    try await agent.cluster("lab", "is read") { $0["error"] == .null && $0["stale"] == false }
    let wrong = try await RunningAgent.start(AgentFiles(clusters: [pve.entry(secret: "wrong-\(pve.tokenSecret)")]))
    try await wrong.cluster("lab", "reports its error") { $0["error"] != .null }
    for agent in [agent, wrong] {
      var said = agent.program.errors + agent.program.output
      for path in ["/v1/clusters", "/v1/nodes", "/v1/guests", "/v1/routes"] {
        said += try await agent.get(path).description
      }
      #expect(!said.contains(pve.tokenSecret))
    }
  }

  @Test func logsInWithAPassword() async throws {
    let pve = try SharedCluster.required()
    let files = try AgentFiles()
    let password = try files.directory.write("\(pve.manifest.password)\n", to: "password")
    var entry = pve.entry().split(separator: "\n").filter { !$0.contains("token_") }.map(String.init)
    entry += ["    username: root", "    realm: pam", "    password_file: \(password)"]
    var withPassword = files
    withPassword.clusters = [entry.joined(separator: "\n")]
    let agent = try await RunningAgent.ready(withPassword)
    try await agent.cluster("lab", "is read") { $0["error"] == .null && $0["stale"] == false }
    #expect(try await agent.get("/v1/guests")["guests"].elements.count == 44)
    try await pve.control(["op": "revoke_tickets"], ["op": "forget"])
    try await eventually("it logs in again") { try await pve.requests("/access/ticket").isEmpty ? nil : true }
    try await agent.cluster("lab", "is read again") { $0["error"] == .null && $0["stale"] == false }
  }
}
