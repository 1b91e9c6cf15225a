import TestSupport
import Testing

/// The commands as used by people and scripts: tables, JSON, exit codes.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct CommandTests {
  private static let routes = """
    jellyfin: {port: 8096, healthcheck: {disable: true}}
    ui: {proxmox: {node: pve1}, healthcheck: {disable: true}}
    nowhere: {host: 192.0.2.1, port: 80, healthcheck: {disable: true}}
    old-thing-old: {host: 127.0.0.1, port: 80, healthcheck: {disable: true}}
    db: {host: 127.0.0.1, port: "0:5432", healthcheck: {disable: true}}
    """

  private func start() async throws -> RunningAgent {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": Self.routes]))
    try await agent.route("jellyfin", "links") { $0["link"]["state"] == "linked" && $0["target"] != .null }
    return agent
  }

  @Test(
    .timeLimit(.minutes(2)),
    arguments: [
      ("--host", "a:80", "write --host a."), ("--host", "http://a.b:80/x", "write --host a.b."),
      ("--host", "[fd00::1]:80", "write --host fd00::1."), ("--address", "10.0.0.1:80", "write --address 10.0.0.1."),
    ])
  func lookupTakesAHostAlone(option: String, value: String, hint: String) async throws {
    let lookup = try await Program.run(Checkout.product("pvescout"), ["lookup", option, value])
    #expect(lookup.status == .code(64) && lookup.errors.contains(hint), "\(lookup)")
  }

  @Test func printsTables() async throws {
    let (pve, agent) = (try SharedCluster.required(), try await start())
    let routes = try await agent.cli("routes")
    #expect(routes.status == .code(0) && routes.errors.isEmpty, "\(routes)")
    #expect(routes.output.hasLine(with: "jellyfin", "8096", "pve1", "100"), "\(routes.output)")
    #expect(!routes.output.contains("\u{1B}["), "no colour where there is no terminal")
    let nodes = try await agent.cli("nodes")
    #expect(nodes.output.hasLine(with: "pve2", "online", pve.manifest.nodes["pve2"] ?? ""), "\(nodes.output)")
    let guests = try await agent.cli("guests")
    #expect(guests.output.hasLine(with: "107", "prometheus", "stopped", "pve2"), "\(guests.output)")
    #expect(try await agent.cli("clusters").output.hasLine(with: "lab"))
    #expect(try await agent.cli("providers").output.contains("file:routes"))
    #expect(try await agent.cli("health").output.contains("jellyfin"))
    #expect(try await agent.cli("health", "jellyfin").output.contains("unknown"))
    let explained = try await agent.cli("explain", "jellyfin")
    #expect(explained.status == .code(0) && explained.output.contains("alias"), "\(explained)")
    let found = try await agent.cli("lookup", "--host", "nextcloud")
    #expect(found.status == .code(0) && found.output.contains("101"), "\(found)")
    let version = try await agent.cli("version")
    #expect(version.status == .code(0) && version.output.contains("pvescout"), "\(version)")
    #expect(try await agent.cli("status").status == .code(0))
  }

  @Test(arguments: ["routes", "health", "providers", "nodes", "guests", "clusters"])
  func printsTheSocketsAnswerAsJSON(command: String) async throws {
    let agent = try await start()
    let printed = try await agent.cli(command, "-o", "json")
    #expect(printed.status == .code(0))
    let json = try JSON(parsing: printed.output)
    #expect(json["generation"].int != nil)
    #expect(Set(json.members.keys) == Set(try await agent.get("/v1/\(command)").members.keys))
    let long = try await agent.cli(command, "--output", "json", "--socket", agent.files.socketPath)
    #expect(long.status == .code(0))
  }

  @Test func printsOneRouteAsJSON() async throws {
    let agent = try await start()
    let route = try JSON(parsing: try await agent.cli("routes", "jellyfin", "-o", "json").output)
    #expect(route == (try await agent.route("jellyfin")))
    #expect(route["key"] == "jellyfin" && route["provider"] == "file:routes" && route["pool"] == "http")
    #expect(route["listen"] == .null && route["excluded_reason"] == .null)
    let members: Set = [
      "key", "alias", "provider", "pool", "scheme", "listen", "target", "excluded_reason", "restricted", "link",
      "health",
    ]
    #expect(Set(route.members.keys).isSuperset(of: members), "\(route)")
  }

  @Test func filtersRoutes() async throws {
    let agent = try await start()
    func aliases(_ query: String) async throws -> Set<String> {
      Set(try await agent.get("/v1/routes?\(query)")["routes"].elements.compactMap { $0["alias"].string })
    }
    #expect(try await aliases("pool=stream") == ["db"])
    #expect(try await aliases("pool=excluded") == ["old-thing-old"])
    #expect(try await aliases("vmid=100") == ["jellyfin"])
    #expect(try await aliases("node=pve1&cluster=lab") == ["jellyfin", "ui"])
    #expect(try await aliases("provider=file:routes").count == 5)
    #expect(try await aliases("status=healthy").isEmpty)
    #expect(try await agent.send("/v1/routes?pool=puddle").status == 400)
  }

  @Test func viewsHealthAsThreeSizes() async throws {
    let agent = try await start()
    let full = try await agent.get("/v1/health")["health"]["jellyfin"]
    #expect(Set(full.members.keys) == ["status", "uptime_ms", "latency_us", "detail"], "\(full)")
    let summary = try await agent.get("/v1/health?view=summary")["health"]["jellyfin"]
    #expect(Set(summary.members.keys) == ["status", "uptime_ms", "latency_us"], "\(summary)")
    #expect(try await agent.get("/v1/health?view=status")["health"]["jellyfin"] == "unknown")
    let one = try await agent.get("/v1/health/jellyfin")
    #expect(Set(one.members.keys).isSuperset(of: ["status", "since", "last_checked", "cause"]), "\(one)")
  }

  @Test func endsWithTheCodeThatScriptsRelyOn() async throws {
    let agent = try await start()
    #expect(try await agent.cli("routes", "nope").status == .code(4))
    #expect(try await agent.cli("explain", "nope").status == .code(4))
    #expect(try await agent.cli("health", "nope").status == .code(4))
    #expect(try await agent.cli("lookup", "--alias", "nope").status == .code(4))
    #expect(try await agent.cli("routes", "--nonsense").status == .code(64))
    #expect(try await agent.cli("frobnicate").status == .code(64))
    #expect(try await agent.cli("lookup").status == .code(64))
    let long = try await agent.cli("routes", "--\(String(repeating: "x", count: 100_000))")
    #expect(long.status == .code(64) && long.errors.contains("xxx…") && long.errors.count < 1000)
    let missing = try await Program.run(
      Checkout.product("pvescout"), ["routes", "--socket", "/tmp/pvs-none/agent.sock"])
    #expect(missing.status == .code(3) && missing.output.isEmpty)
    #expect(missing.errors.hasLine(with: "/tmp/pvs-none/agent.sock"), "\(missing.errors)")
    let waited = try await Program.run(
      Checkout.product("pvescout"), ["status", "--wait", "1", "--socket", "/tmp/pvs-none/agent.sock"])
    #expect(waited.status == .code(3))
  }

  @Test func reportsAmbiguityByItsOwnCode() async throws {
    let pve = try await FakePVE.start(lxc: 4, vms: 0)
    try await pve.control(
      ["op": "rename", "vmid": 100, "name": "twin"], ["op": "rename", "vmid": 101, "name": "twin"])
    let agent = try await RunningAgent.ready(
      AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": "twin: {port: 80}"]))
    let route = try await agent.route("twin", "is ambiguous") { $0["link"]["state"] == "ambiguous" }
    #expect(route["link"]["candidates"].elements.count == 2 && route["target"] == .null, "\(route)")
    let looked = try await agent.cli("lookup", "--alias", "twin")
    #expect(looked.status == .code(5), "\(looked)")
    #expect(try await agent.get("/v1/lookup?alias=twin")["link"]["state"] == "ambiguous", "an answer, not an error")
    // The running guest takes precedence.
    try await pve.control(["op": "status", "vmid": 101, "status": "stopped"])
    try await agent.route("twin", "links to the running one") { $0["link"]["vmid"] == 100 }
  }
}
