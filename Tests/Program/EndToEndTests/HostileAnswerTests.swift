import HTTPTransport
import PVESimulator
import TestSupport
import Testing

/// Responses of a broken or malicious PVE neither end the agent nor make it reveal secrets.
@Suite(.serialized, .inTurn)
struct HostileAnswerTests {
  private func entry(_ simulator: PVESimulator) -> String {
    """
      - name: lab
        endpoints: [\(simulator.url)]
        token_id: \(SimulatedCluster.sampleToken.id)
        token_secret: \(SimulatedCluster.sampleToken.secret)
        tls: {fingerprint: "\(simulator.fingerprint)"}
    """
  }

  @Test(.timeLimit(.minutes(4)))
  func aHugeUptimeIsShownAsACentury() async throws {
    var cluster = SimulatedCluster.sample(nodes: 1, guests: 2)
    cluster.change(101) { $0.startedAt = .now - .seconds(9_223_372_036_854_000_000) }
    let simulator = try await PVESimulator.start(cluster: cluster)
    let files = try AgentFiles(clusters: [entry(simulator)])
    for isCached in [false, true] {
      if isCached { await simulator.pause() }
      let agent = try await RunningAgent.start(files)
      let guest = try await eventually("the guest is known") {
        let guest = try await agent.get("/v1/guests")["guests"].first(where: "vmid", is: .number(101))
        return guest == .null ? nil : guest
      }
      #expect(guest["uptime_ms"] == .number(3_155_760_000_000))
      #expect(try await agent.stop() == .code(0))
    }
    await simulator.shutdown()
  }

  @Test(.timeLimit(.minutes(4)))
  func aSecretThatPVERepeatsIsHidden() async throws {
    let secret = SimulatedCluster.sampleToken.secret
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 3)
    cluster.change(101) { $0.name = "guest-\(secret)" }
    let simulator = try await PVESimulator.start(cluster: cluster)
    let echo = "wrong: Authorization: PVEAPIToken=\(SimulatedCluster.sampleToken.id)=\(secret)"
    let body = #"{"data":null,"message":"\#(echo)","errors":{"a":"\#(echo)"}}"#
    for path in ["/cluster/status", "/nodes/pve1/network", "/nodes/pve1/lxc/102"] {
      simulator.inject(Fault(.status(500, echo, body: body), path: path))
    }
    let files = try AgentFiles(clusters: [entry(simulator)], routes: ["routes.yml": "a: {proxmox: {node: pve1}}"])
    let agent = try await RunningAgent.ready(files)
    try await eventually("the refusals are noted") {
      try await agent.get("/v1/nodes")["nodes"].elements.contains { node in
        node["notes"].elements.contains { $0.string?.contains("=***") == true }
      } ? true : nil
    }
    // From now on all requests fail.
    simulator.inject(Fault(.status(500, echo, body: body)))
    try await eventually("the cluster's error is known") {
      try await agent.get("/v1/clusters")["clusters"][0]["error"].string?.contains("***") == true ? true : nil
    }
    for path in [
      "/v1/nodes", "/v1/guests", "/v1/clusters", "/v1/routes", "/v1/routes/a/explain", "/readyz",
      "/v1/health?view=history",
    ] {
      let (_, answer) = try await agent.send(path)
      #expect(!"\(answer)".contains(secret), "\(path): \(answer)")
    }
    #expect("\(try await agent.get("/v1/guests"))".contains("guest-***"))
    for command in ["status", "nodes", "guests", "clusters"] {
      let told = try await agent.cli(command)
      #expect(!told.output.contains(secret) && !told.errors.contains(secret), "\(command)")
    }
    #expect(!agent.program.errors.contains(secret))
    let doctor = try await Doctor.run(files)
    #expect(!doctor.output.contains(secret), "\(doctor)")
    _ = try await agent.stop()
    await simulator.shutdown()
  }
}
