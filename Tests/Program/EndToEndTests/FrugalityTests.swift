import Foundation
import TestSupport
import Testing

/// The program's requests to an idle cluster, at twenty times the default speed, so that a minute takes three seconds.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct FrugalityTests {
  private static let speed = 20.0
  /// In a minute, with the default interval and refresh.
  private static let requestsPerMinute = 24.0

  @Test func staysWithinItsBudgetOfRequests() async throws {
    let pve = try await FakePVE.start(lxc: 25, vms: 25, options: ["--stopped-every", "0", "--dhcp-every", "0"])
    var files = try AgentFiles(clusters: [pve.entry()])
    files.discovery = "{interval: 500ms, address_refresh: 15s, request_timeout: 30s}"
    let agent = try await RunningAgent.ready(files)
    try await eventually("every running guest has its addresses") {
      let guests = try await agent.get("/v1/guests")["guests"].elements.filter { $0["status"] == "running" }
      return guests.count == 50 && guests.allSatisfy { !$0["addresses"].elements.isEmpty } ? () : nil
    }
    try await pve.control(["op": "forget"])
    let start = ContinuousClock.now
    try await eventually("forty polls") { try await pve.requests("/cluster/resources").count >= 40 ? () : nil }
    // Counted before the clock is read: even on a slow machine, the time is never too short for the requests.
    let requests = try await pve.requests().filter { $0.path.hasPrefix("/api2") }
    let minutes = (ContinuousClock.now - start) / .seconds(60) * Self.speed
    #expect(Double(requests.count) <= minutes * Self.requestsPerMinute + 6, "\(requests.count) in \(minutes) minutes")
    #expect(requests.allSatisfy { $0.method == "GET" })
    #expect(!requests.contains { $0.path.hasSuffix("/config") }, "nothing needs a configuration")
  }

  @Test func namesAreLinkedAfterOneRequest() async throws {
    let pve = try await FakePVE.start(lxc: 25, vms: 5)
    // Requests other than the list are never answered.
    try await pve.control(
      ["op": "limit", "path": "/interfaces", "times": 0],
      ["op": "limit", "path": "/network-get-interfaces", "times": 0],
      ["op": "limit", "path": "/config", "times": 0], ["op": "limit", "path": "/status", "times": 0],
      ["op": "limit", "path": "/network", "times": 0], ["op": "limit", "path": "/nodes", "times": 0])
    let routes = "jellyfin: {port: 80, healthcheck: {disable: true}}"
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes]))
    try await agent.route("jellyfin", "links") { $0["link"]["vmid"] == 100 }
    try await pve.control(["op": "clear"])
  }

  /// PVE's workers resume known sessions: after the first few, a connection needs no full handshake.
  @Test func resumesTLSSessions() async throws {
    let pve = try await FakePVE.start(lxc: 8, vms: 1)
    try await pve.control(["op": "connections", "requests": 2])
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()]))
    try await eventually("connections on resumed sessions") {
      let connections = try await pve.control(["op": "connections"])
      return (connections["resumed"].int ?? 0) > 5 ? () : nil
    }
    #expect(try await agent.status(of: "/livez") == 200)
  }

  /// Event loops beyond the processors that an agent may use would only wait for each other.
  @Test func hasOneEventLoopOnOneProcessor() async throws {
    var files = try AgentFiles()
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    try files.write()
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let allowed = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") })
    let first = try #require(allowed.split { !$0.isNumber }.first)
    let program = try Program(
      "/usr/bin/taskset",
      ["-c", String(first), Checkout.product("pvescout"), "run", "--config", files.configurationPath])
    let agent = try await RunningAgent.started(files, by: program)
    try await eventually("the agent is ready") { try await agent.status(of: "/readyz") == 200 ? () : nil }
    let threads = "/proc/\(agent.program.processID)/task"
    // A thread may end in between.
    let names = try FileManager.default.contentsOfDirectory(atPath: threads).compactMap {
      try? String(contentsOfFile: "\(threads)/\($0)/comm", encoding: .utf8)
    }
    let loops = names.filter { $0.hasPrefix("NIO-ELT-") }
    // NIO numbers the threads of each group: one group is the proxy's, another one the control socket's.
    #expect(!loops.isEmpty && loops.allSatisfy { $0.contains("#1") }, "\(names)")
  }
}
