import PVESimulator
import TestSupport
import Testing

/// The agent's output while rights of its token are missing.
@Suite(.serialized, .inTurn) struct MissingRightsTests {
  private static let blind = Permissions(["/": .init(["Sys.Audit", "SDN.Audit"])])

  private func files(_ simulator: PVESimulator, _ routes: String = "{}") throws -> AgentFiles {
    var files = try AgentFiles(
      clusters: [simulator.entry(trust: "{fingerprint: \"\(simulator.fingerprint)\"}")], routes: ["routes.yml": routes])
    // After three intervals without an answer, the error would be that.
    files.discovery = "{interval: 5s, request_timeout: 60s}"
    return files
  }

  @Test(.timeLimit(.minutes(15))) func keepsRoutesAndSaysSoEverywhere() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6))
    let name = try #require(simulator.cluster[101]?.name)
    let agent = try await RunningAgent.ready(
      files(
        simulator,
        "app: {port: 80, healthcheck: {disable: true}, proxmox: {vmid: 101}}\n\(name): {port: 81, healthcheck: {disable: true}}"
      ))
    for alias in ["app", name] { try await agent.route(alias, "has a target") { $0["target"] != .null } }
    let events = try await EventStream(of: agent)
    simulator.update { $0.tokens[0].permissions = Self.blind }
    let cluster = try await agent.cluster("home", "names the right") {
      $0["error"].string?.contains("VM.Audit") == true
    }
    #expect(cluster["stale"] == true && cluster["guests"] == 6, "\(cluster)")
    let event = try await events.wait(for: "cluster.changed") {
      $0["after"]["error"].string?.contains("VM.Audit") == true
    }
    #expect(event.data["cluster"] == "home" && event.data["before"]["error"] == .null, "\(event)")
    let ready = try await agent.send("/readyz")
    #expect(ready.status == 200, "what was known serves on")
    #expect(
      ready.body["problems"].description.contains("cluster home: ")
        && ready.body["problems"].description.contains("VM.Audit"))
    let status = try await agent.cli("status")
    #expect(status.status == .code(1) && status.output.contains("VM.Audit"), "\(status)")
    #expect(status.output.ranges(of: "VM.Audit is granted nowhere").count == 1, "said once: \(status)")
    #expect(agent.program.errors.contains("rights are missing"), "\(agent.program.errors)")
    let guests = try await agent.get("/v1/guests")["guests"].elements
    #expect(
      guests.count == 6 && guests.allSatisfy { $0["error"].string?.contains("VM.Audit") == true && $0["stale"] == true }
    )
    for alias in ["app", name] {
      let route = try await agent.route(alias)
      #expect(route["target"] != .null && route["link"]["vmid"] == 101, "\(route)")
    }
    simulator.update { $0.tokens[0].permissions = .readsEverything(PVEVersion(9, 0)) }
    try await agent.cluster("home", "is well again") { $0["error"] == .null && $0["stale"] == false }
    #expect(try await agent.cli("status").status == .code(0))
  }

  @Test(.timeLimit(.minutes(15))) func isNotReadyWhereItNeverSawAGuest() async throws {
    var cluster = SimulatedCluster.sample(guests: 6)
    cluster.tokens[0].permissions = Self.blind
    let simulator = try await PVESimulator.start(cluster: cluster)
    let agent = try await RunningAgent.start(files(simulator, "jellyfin: {port: 80, healthcheck: {disable: true}}"))
    let unread = try await agent.cluster("home", "names the right") { $0["error"].string?.contains("VM.Audit") == true }
    #expect(unread["as_of"] == .null && unread["stale"] == true, "\(unread)")
    #expect(try await agent.status(of: "/readyz") == 503)
    let status = try await agent.cli("status")
    #expect(status.status == .code(1) && status.output.contains("VM.Audit"), "\(status)")
    let route = try await agent.route("jellyfin")
    #expect(route["target"] == .null && route["link"]["reason"] == "inventory_pending", "\(route)")
    simulator.update { $0.tokens[0].permissions = .readsEverything(PVEVersion(9, 0)) }
    try await agent.cluster("home", "is read") { $0["error"] == .null && $0["guests"] == 6 }
  }
}

extension PVESimulator {
  /// The simulator's entry for `proxmox:`, with the sample token.
  func entry(
    trust: String, endpoints: [String]? = nil, secret: String = "token_secret: \(SimulatedCluster.sampleToken.secret)"
  )
    -> String
  {
    """
      - name: home
        endpoints: [\((endpoints ?? [url]).joined(separator: ", "))]
        token_id: \(SimulatedCluster.sampleToken.id)
        \(secret)
        tls: \(trust)
    """
  }
}
