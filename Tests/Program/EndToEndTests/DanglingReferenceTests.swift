import TestSupport
import Testing

/// `check` finds what needs no network: names that refer to nothing, and sections that do nothing.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct DanglingReferenceTests {
  private static let cluster = """
      - name: home
        endpoints: [https://127.0.0.1:9]
        token_id: a@pve!b
        token_secret: 00000000-0000-0000-0000-000000000000
    """

  private func check(_ files: AgentFiles) async throws -> Program.Finished {
    try files.write()
    return try await Program.run(Checkout.product("pvescout"), ["check", files.configurationPath])
  }

  @Test func warnsOfNamesThatReferToNothing() async throws {
    var files = try AgentFiles(
      clusters: [Self.cluster],
      routes: ["routes.yml": "app: {port: 80, proxmox: {vmid: 105, cluster: homee}}\nweb: {host: 10.0.0.1}"])
    files.more = "notify: [{name: hook, exec: [/bin/true], routes: [we*, none-*], providers: ['file:other']}]"
    let finished = try await check(files)
    #expect(finished.status == .code(0), "\(finished)")
    #expect(finished.output.hasLine(with: "routes.yml:1:1: warning", "'homee'", "did you mean 'home'"), "\(finished)")
    #expect(finished.output.hasLine(with: "warning", "notify 'hook': 'none-*' matches no route"), "\(finished)")
    #expect(finished.output.hasLine(with: "warning", "notify 'hook': 'file:other' matches no route"), "\(finished)")
    #expect(!finished.output.contains("'we*'"), "\(finished)")
    let agent = try await RunningAgent.start(files)
    #expect(agent.program.errors.hasLine(with: "warning", "'homee'"), "\(agent.program.errors)")
    let reloaded = try await agent.post("/v1/reload")
    #expect(reloaded.body["warnings"].description.contains("'none-*' matches no route"), "\(reloaded)")
  }

  @Test func warnsOfAnEmptyProxy() async throws {
    var files = try AgentFiles()
    files.more = "proxy:"
    let finished = try await check(files)
    #expect(finished.status == .code(0), "\(finished)")
    #expect(finished.output.hasLine(with: "pvescout.yml:", "warning: proxy is empty"), "\(finished)")
  }
}
