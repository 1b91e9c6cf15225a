import TestSupport
import Testing

/// A cluster that answers wrongly or not at all shows its error; the agent runs on and reads it again when it recovers.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct BadClusterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var operation: JSON
    var words: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "HTML instead of JSON",
      operation: [
        "op": "raw", "path": "", "type": "text/html",
        "body": "<html><title>Sign in</title>Welcome to the router</html>",
      ], words: ["JSON"]),
    Case(
      name: "half a JSON",
      operation: ["op": "raw", "path": "/cluster/resources", "body": "{\"data\": [{\"vmid\": 100, \"node\": \"pv"],
      words: ["JSON", "35 bytes", "cut off"]),
    Case(
      name: "an error of PVE",
      operation: [
        "op": "fail", "path": "/cluster/resources", "status": 500, "message": "cluster not ready - no quorum?",
      ],
      words: ["500", "cluster not ready - no quorum?"]),
    Case(name: "hanging", operation: ["op": "hang"], words: ["timed out", "systemctl status pveproxy"]),
  ]

  @Test(arguments: cases)
  func reportsWhatIsWrongAndRecovers(_ trouble: Case) async throws {
    let pve = try SharedCluster.required()
    var files = try AgentFiles(clusters: [pve.entry()])
    files.discovery = "{interval: 500ms, address_refresh: 5m, request_timeout: 1s}"
    try await pve.control(trouble.operation)
    let agent = try await RunningAgent.start(files)
    let cluster = try await agent.cluster("lab", "reports its error, with the endpoint") { cluster in
      ([pve.manifest.network] + trouble.words).allSatisfy { cluster["error"].string?.contains($0) == true }
    }
    #expect(cluster["error"].string?.contains("\n") == false, "one line: \(cluster)")
    #expect(cluster["stale"] == true)
    #expect(try await agent.status(of: "/readyz") == 503)
    try await pve.control(["op": "clear"])
    try await agent.cluster("lab", "recovers") { $0["error"] == .null && $0["stale"] == false }
    #expect(try await agent.status(of: "/readyz") == 200)
  }

  @Test func reportsHowToMendAWrongToken() async throws {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.start(AgentFiles(clusters: [pve.entry(secret: "no-such-secret")]))
    let cluster = try await agent.cluster("lab", "reports its error") { $0["error"] != .null }
    let error = try #require(cluster["error"].string)
    #expect(error.contains("401") && error.contains(pve.tokenID), "\(error)")
    #expect(!error.contains("no-such-secret"))
  }

  @Test func reportsThatAnEndpointRefuses() async throws {
    let pve = try SharedCluster.required()
    let endpoint = "https://\(pve.manifest.network).9.9:1"
    let agent = try await RunningAgent.start(AgentFiles(clusters: [pve.entry(endpoints: [endpoint])]))
    let cluster = try await agent.cluster("lab", "reports its error") { $0["error"] != .null }
    #expect(cluster["error"].string?.contains("refused") == true, "\(cluster)")
    #expect(cluster["error"].string?.contains("\(pve.manifest.network).9.9:1") == true, "\(cluster)")
  }

  /// A missing privilege empties the list of guests without an error from PVE.
  @Test func reportsThatATokenMaySeeNothing() async throws {
    let pve = try await FakePVE.start(lxc: 4, vms: 1)
    try await pve.control(["op": "grant", "user": "somebody@pve", "path": "/", "privileges": ["VM.Audit"]])
    let agent = try await RunningAgent.start(AgentFiles(clusters: [pve.entry()]))
    try await agent.cluster("lab", "names the right") { $0["error"].string?.contains("VM.Audit") == true }
    #expect(try await agent.get("/v1/guests")["guests"].elements.isEmpty)
    #expect(try await agent.get("/v1/nodes")["nodes"].elements.count == 3, "nodes are named without Sys.Audit")
  }

  @Test func refusesOneClusterUnderTwoNames() async throws {
    let pve = try SharedCluster.required()
    let entries = [(0, "first"), (1, "second")].map { node, name in
      pve.entry(named: name, endpoints: [pve.manifest.endpoints[node]])
    }
    let agent = try await RunningAgent.start(AgentFiles(clusters: entries))
    try await agent.cluster("second", "is refused") { $0["error"].string?.contains("first") == true }
    try await agent.cluster("first", "is read") { $0["error"] == .null && $0["stale"] == false }
    let guests = try await agent.get("/v1/guests")["guests"].elements
    #expect(guests.count == 44 && guests.allSatisfy { $0["cluster"] == "first" })
  }
}
