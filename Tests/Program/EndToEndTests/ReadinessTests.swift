import TestSupport
import Testing

/// Once the agent reports that it is ready, it can be used.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ReadinessTests {
  private static let words = "agent is ready"

  @Test func comesBehindTheListenersOfTheProxy() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream())
    try await eventually("it is ready") { lab.agent.program.errors.contains(Self.words) ? () : nil }
    let lines = lab.agent.program.errors.split(separator: "\n")
    let (listens, ready) = (
      lines.firstIndex { $0.contains("proxy listens") }, lines.firstIndex { $0.contains(Self.words) }
    )
    #expect(try #require(listens) < #require(ready), "\(lines)")
  }

  /// A cluster that was never read keeps both `status` and the log from reporting that the agent is ready.
  @Test(.timeLimit(.minutes(10))) func comesOnlyWhenStatusSaysSoToo() async throws {
    let pve = try await FakePVE.start(lxc: 2, vms: 0)
    try await pve.control(["op": "hang"])
    var files = try AgentFiles(clusters: [pve.entry()])
    files.discovery = "{interval: 500ms, address_refresh: 5m, request_timeout: 1s}"
    let agent = try await RunningAgent.start(files)
    try await eventually("what is missing is logged") {
      agent.program.errors.hasLine(with: "agent is not ready yet", "cluster lab is not read") ? () : nil
    }
    #expect(try await agent.cli("status").status == .code(1))
    #expect(!agent.program.errors.contains(Self.words), "\(agent.program.errors)")
    try await pve.control(["op": "clear"])
    try await eventually("it is ready") { agent.program.errors.contains(Self.words) ? () : nil }
    #expect(try await agent.status(of: "/readyz") == 200)
  }

  @Test func sumsUpWhatTheAgentHasAndLacks() async throws {
    let pve = try await FakePVE.start(lxc: 2, vms: 1)
    let routes = """
      ui: {scheme: https, port: \(pve.manifest.port), proxmox: {node: pve1}}
      lost: {port: 80, healthcheck: {disable: true}}
      dead: {host: 127.0.0.1, port: 9}
      """
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": routes])
    files.health = "{interval: 100ms, timeout: 30s, unhealthy_after: 1}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route("dead", "is down") { $0["health"]["status"] == "unhealthy" }
    let ready = try await eventually("the routes are linked") {
      let answer = try await agent.send("/readyz").body
      return answer["links"]["linked"] == 1 ? answer : nil
    }
    #expect(ready["links"]["unlinked"] == 2 && ready["links"]["ambiguous"] == 0, "\(ready)")
    #expect(ready["links"]["down"].int ?? 0 >= 1, "\(ready)")
    let cluster = try #require(ready["clusters"].elements.first)
    let guests = try await agent.get("/v1/guests")["guests"].elements.count
    #expect(guests > 0 && cluster["guests"].int == guests && cluster["nodes"].int ?? 0 > 0, "\(ready)")
    let status = try await agent.cli("status").output
    #expect(status.hasLine(with: "links", "1 linked", "2 unlinked"), "\(status)")
    #expect(status.hasLine(with: "cluster", "lab: ", "\(guests) guests"), "\(status)")
    try await eventually("the log sums it up; it is:\n\(agent.program.errors)") {
      agent.program.errors.hasLine(with: "agent is ready", "1 linked", "2 unlinked", "\(guests) guests") ? () : nil
    }
  }

  @Test func neverComesWhereAnAddressOfTheProxyIsTaken() async throws {
    let holder = try await UpstreamServer()
    var files = try AgentFiles()
    files.more = "proxy: {http: \"\(holder.host):\(holder.port)\"}"
    try files.write()
    let finished = try await Program.run(
      Checkout.product("pvescout"), ["run", "--config", files.configurationPath])
    #expect(finished.status == .code(1), "\(finished)")
    #expect(finished.errors.contains("cannot listen on proxy.http, \(holder.host):\(holder.port)"), "\(finished)")
    #expect(!finished.errors.contains(Self.words), "\(finished)")
  }
}
