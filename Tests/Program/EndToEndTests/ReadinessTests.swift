import TestSupport
import Testing

/// Who is told that the agent is ready can use it.
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
