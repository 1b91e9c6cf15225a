import Foundation
import TestSupport
import Testing

/// The target of a route without a host: the guest or node of its name, and nothing else unless configured.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct TargetTests {
  private static let small = (lxc: 8, vms: 1)

  private func cluster() async throws -> FakePVE { try await FakePVE.start(lxc: Self.small.lxc, vms: Self.small.vms) }

  private func check(_ agent: RunningAgent) async throws -> Program.Finished {
    try await Program.run(Checkout.product("pvescout"), ["check", "--config", agent.files.configurationPath])
  }

  /// Restarts the agent with the same files and state.
  private func restart(_ agent: RunningAgent) async throws -> RunningAgent {
    #expect(try await agent.stop() == .code(0))
    return try await RunningAgent.start(agent.files, writing: false)
  }

  private func optIn(_ files: AgentFiles) throws {
    try files.write()
    let text = files.configuration.replacing("providers: {", with: "providers: {default_host: localhost, ")
    try files.directory.write(text, to: "pvescout.yml")
  }

  @Test func aTypoLeadsNowhereAndTheNearestNameIsTold() async throws {
    let pve = try await cluster()
    let lab = try await ProxyLab.start(
      routes: "jelyfin: {port: 80}\njellyfin: {port: 8096, healthcheck: {disable: true}}\n", clusters: [pve.entry()])
    let agent = lab.agent
    let words = "nothing is named 'jelyfin'; guest 100 is 'jellyfin'"
    let route = try await agent.route("jelyfin", "matches nothing") { $0["link"]["reason"] == "no_match" }
    #expect(route["target"] == .null && route["health"]["status"] == "unknown", "\(route)")
    #expect(route["link"]["detail"].string == words, "\(route)")
    #expect(try await agent.cli("explain", "jelyfin").output.hasLine(with: "target", "no target: \(words)"))

    let status = try await agent.cli("status")
    #expect(status.output.hasLine(with: "routes.yml:1:1", "route 'jelyfin' has no target: \(words)"), "\(status)")
    #expect(try await agent.get("/readyz")["problems"].description.contains(words))

    let visit = try await lab.get("jelyfin", fields: "Accept: application/json")
    #expect(visit.status == 503, "\(visit)")
    let failure = try JSON(parsing: Array(visit.text.utf8))["error"]
    #expect(failure["code"] == "no_target", "\(failure)")
    #expect(failure["message"].string?.contains("no node and no guest has its name") == true, "\(failure)")
    let page = try await lab.get("jelyfin", fields: "Accept: text/html")
    #expect(page.status == 503 && page.text.contains("no node and no guest has its name"), "\(page)")
    #expect(!page.text.contains("container 100"), "a visitor learns no other guest's name")

    // The agent's saved state is enough for `check`, which contacts nothing.
    let state = agent.files.directory.file("state/inventory-lab.json")
    try await eventually("the inventory is kept") { FileManager.default.fileExists(atPath: state) ? () : nil }
    try await pve.stop()
    let checked = try await check(agent)
    #expect(checked.status == .code(0), "\(checked)")
    #expect(
      checked.output.hasLine(with: "routes.yml:1:1: warning: route 'jelyfin' has no target: \(words)"), "\(checked)")
    #expect(checked.output.hasLine(with: "jelyfin", "host: localhost", "default_host: localhost"), "\(checked)")
    #expect(!checked.output.contains("'jellyfin' has no target"), "\(checked)")
  }

  @Test func checkNamesTheRoutesThatItCannotJudge() async throws {
    let files = try AgentFiles(
      clusters: [
        "  - {name: lab, endpoints: [\"https://127.0.0.1:9\"], token_id: a@pve!b, token_secret: c, tls: {insecure: true}}"
      ],
      routes: ["routes.yml": "plex: {port: 80}\nnas: {host: 127.0.0.1}\n"])
    try files.write()
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(checked.status == .code(0), "\(checked)")
    #expect(checked.errors.hasLine(with: "without a host", "read by the agent", "lab", ": plex"), "\(checked)")
    #expect(!checked.errors.contains("nas"), "\(checked)")
  }

  @Test func thisMachineIsMeantWhereTheFilesSaySo() async throws {
    let pve = try await cluster()
    let upstream = try await UpstreamServer(host: "127.0.0.1")
    let files = try AgentFiles(
      clusters: [pve.entry()],
      routes: ["routes.yml": "own: {port: \(upstream.port)}\nstated: {host: localhost, port: \(upstream.port)}"])
    try optIn(files)
    let agent = try await RunningAgent.start(files, writing: false)
    for alias in ["own", "stated"] {
      let route = try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" }
      #expect(route["target"] == .string("http://localhost:\(upstream.port)"), "\(route)")
    }
    // Without the opt-in, which a reload may remove, only the route that states it.
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await agent.route("own", "has no target any more") { $0["target"] == .null }
    #expect(try await agent.route("stated")["target"] != .null)
  }

  @Test func aLostLinkIsLostAfterARestartToo() async throws {
    let pve = try await cluster()
    let files = try AgentFiles(
      clusters: [pve.entry()], routes: ["routes.yml": "jellyfin: {port: 80, healthcheck: {disable: true}}"])
    try optIn(files)
    var agent = try await RunningAgent.start(files, writing: false)
    try await agent.route("jellyfin", "is linked") { $0["link"]["vmid"] == 100 }
    try await pve.control(["op": "rename", "vmid": 100, "name": "media"])
    try await agent.route("jellyfin", "has lost its guest") { $0["link"]["reason"] == "lost" && $0["target"] == .null }
    agent = try await restart(agent)
    let route = try await agent.route("jellyfin", "is judged") { $0["link"]["reason"] != "inventory_pending" }
    #expect(route["link"]["reason"] == "lost" && route["target"] == .null, "\(route)")
    #expect(route["link"]["detail"].string?.contains("guest 100 (jellyfin)") == true, "\(route)")
    #expect(try await check(agent).output.hasLine(with: "route 'jellyfin' has no target", "guest 100 (jellyfin)"))
  }

  /// The agent answers, so clients of such a route would only get an error.
  @Test func aTargetThatIsTheAgentItselfIsAnError() async throws {
    let lab = try await ProxyLab.start(routes: "other: {host: 127.0.0.1, port: 9}")
    let port = lab.port
    try lab.agent.files.directory.write(
      """
      named: {host: localhost, port: \(port)}
      address: {host: 127.0.0.1, port: \(port)}
      stream: {host: 127.0.0.1, port: "0:\(port)"}
      """, to: "routes.yml")
    #expect(try await lab.agent.post("/v1/reload").status == 200)
    for alias in ["named", "address", "stream"] {
      let route = try await lab.agent.route(alias, "is an error") { $0["health"]["status"] == "error" }
      let detail = route["health"]["detail"].string ?? ""
      #expect(detail.contains("this agent itself (proxy.http listens on 127.0.0.1:\(port))"), "\(route)")
    }
  }

  @Test func aTargetThatIsTheAgentOnEveryAddressIsAnError() async throws {
    var files = try AgentFiles(routes: ["routes.yml": "{}"])
    files.more = "proxy: {http: \"0.0.0.0:0\"}"
    let agent = try await RunningAgent.ready(files)
    let port = try await ProxyLab.listeningPort(of: agent)
    try files.directory.write("self: {host: 127.0.0.1, port: \(port)}", to: "routes.yml")
    #expect(try await agent.post("/v1/reload").status == 200)
    try await agent.route("self", "is an error") { $0["health"]["status"] == "error" }
  }
}
