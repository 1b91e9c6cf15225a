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

  @Test func warnsOfAFolderThatIsNotServed() async throws {
    let files = try AgentFiles(routes: [
      "routes.yml": "docs: {host: 10.0.0.1, root: /srv/docs, spa: true}\nsite: {scheme: fileserver, root: /srv/site}"
    ])
    let finished = try await check(files)
    #expect(finished.status == .code(0), "\(finished)")
    #expect(
      finished.output.hasLine(with: "routes.yml:1:24: warning", "scheme: fileserver", "root (docs), spa (docs)"),
      "\(finished)")
  }

  @Test func warnsOfPortsThatAreWantedTwice() async throws {
    var files = try AgentFiles(routes: [
      "routes.yml": "one: {host: 10.0.0.1, port: \"2222:22\"}\ntwo: {host: 10.0.0.2, port: \"2222:22\"}"
    ])
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let finished = try await check(files)
    #expect(finished.output.hasLine(with: "routes.yml:2:1: warning", "tcp 127.0.0.1:2222", "'one'"), "\(finished)")
  }
}
