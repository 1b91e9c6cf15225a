import Foundation
import PVESimulator
import TestSupport
import Testing

/// Whatever a cluster does, the program runs on, reports the fault, keeps everything else fresh, and recovers by
/// itself.
///
/// Valid gzip is not among the faults: the lab compresses all responses in the other suites.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct TroubleTests {
  @Test(arguments: Trouble.all)
  func saysWhatIsWrongKeepsTheRestAndRecovers(_ trouble: Trouble) async throws {
    var configuration = PVESimulator.Configuration()
    configuration.agentDelay = .seconds(3)
    configuration.authenticationDelay = .seconds(3)
    let home = try await PVESimulator.start(cluster: .sample(guests: trouble.guests), configuration: configuration)
    let other = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 3, name: nil))
    var files = try AgentFiles(
      clusters: [home.entry(named: "home"), other.entry(named: "other")],
      routes: ["routes.yml": "linked: {proxmox: {vmid: 101, cluster: home}, port: 80, healthcheck: {disable: true}}"])
    files.discovery = "{interval: 500ms, address_refresh: 1s, request_timeout: \(trouble.requestTimeout)}"
    let agent = try await RunningAgent.ready(files)
    try await agent.everythingIsFresh("at the start", guests: trouble.guests + 3)

    try await trouble.begin(home)
    try await says(trouble, agent)
    #expect(try await agent.status(of: "/livez") == 200)
    #expect(try await agent.status(of: "/readyz") == 200)
    #expect(try await agent.route("linked")["link"]["vmid"] == 101, "what is known serves on")
    try await theRestIsFresh(trouble, agent)

    try await trouble.end(home)
    try await agent.everythingIsFresh("again", guests: trouble.guests + 3)
    #expect(try await agent.stop() == .code(0))
    await home.shutdown()
    await other.shutdown()
  }

  private func says(_ trouble: Trouble, _ agent: RunningAgent) async throws {
    func isTold(_ object: JSON) -> Bool {
      let error = object["error"].string ?? ""
      return object["stale"] == true && !error.contains("\n") && trouble.words.allSatisfy { error.contains($0) }
    }
    switch trouble.victim {
    case .cluster: try await agent.cluster("home", "says \(trouble.words)") { isTold($0) }
    case .guests, .node:
      try await agent.guests("\(trouble.testDescription) is told") { guests in
        let victims = guests.filter { trouble.hits($0) && $0["status"] != "stopped" }
        return !victims.isEmpty && victims.allSatisfy { isTold($0) || isSilentAgent($0, trouble) }
      }
    case .nobody: break
    }
  }

  /// The last addresses reported by a silent agent remain in use, so its VM is not stale.
  private func isSilentAgent(_ guest: JSON, _ trouble: Trouble) -> Bool {
    guest["type"] == "qemu" && trouble.words.allSatisfy { guest["error"].string?.contains($0) == true }
  }

  /// Two further polls of everything but the victim, without an error.
  private func theRestIsFresh(_ trouble: Trouble, _ agent: RunningAgent) async throws {
    let start = Date()
    try await agent.guests("the rest is fresh") { guests in
      let rest = guests.filter { !trouble.hits($0) }
      return rest.count >= 3
        && rest.allSatisfy { $0["stale"] == false && $0["error"] == .null && $0.asOf > start.addingTimeInterval(0.6) }
    }
  }
}

extension Trouble {
  fileprivate func hits(_ guest: JSON) -> Bool {
    guest["cluster"] == "home" && isVictim(vmid: guest["vmid"].int ?? 0, node: guest["node"].string ?? "")
  }
}

extension JSON {
  fileprivate var asOf: Date {
    self["as_of"].string.flatMap { try? Date($0, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
      ?? .distantPast
  }
}

extension RunningAgent {
  fileprivate func guests(_ what: String, where condition: ([JSON]) -> Bool) async throws {
    try await eventually(what) { condition(try await get("/v1/guests")["guests"].elements) ? () : nil }
  }

  fileprivate func everythingIsFresh(_ what: String, guests count: Int) async throws {
    try await eventually("everything is fresh \(what)") {
      let guests = try await get("/v1/guests")["guests"].elements
      let objects = try await get("/v1/clusters")["clusters"].elements + get("/v1/nodes")["nodes"].elements + guests
      let isFresh = objects.allSatisfy { $0["stale"] == false && $0["error"] == .null }
      let isWhole =
        guests.count == count && guests.allSatisfy { !$0["addresses"].elements.isEmpty || $0["status"] == "stopped" }
      return isFresh && isWhole ? () : nil
    }
  }
}

extension PVESimulator {
  /// The simulator's entry for `proxmox:` in pvescout.yml.
  fileprivate func entry(named name: String) -> String {
    """
      - name: \(name)
        endpoints: [\(url)]
        token_id: \(SimulatedCluster.sampleToken.id)
        token_secret: \(SimulatedCluster.sampleToken.secret)
        tls: {fingerprint: "\(fingerprint)"}
    """
  }
}
