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
