import TestSupport
import Testing

/// What people expect of any command line.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct CommandHabitTests {
  private func pvescout(_ arguments: String...) async throws -> Program.Finished {
    try await Program.run(Checkout.product("pvescout"), arguments)
  }

  @Test(arguments: [
    ("a:80", "a"), ("http://a:80/x", "a"), ("https://10.0.0.5", "10.0.0.5"), ("[::1]:80", "::1"),
  ])
  func saysHowAHostIsWrittenForALookup(_ given: String, _ host: String) async throws {
    let finished = try await pvescout("lookup", "--host", given)
    #expect(finished.status == .code(64) && finished.errors.contains("write --host \(host). "), "\(finished)")
  }

  @Test func printsItsVersion() async throws {
    let (short, long) = (try await pvescout("-V"), try await pvescout("--version"))
    #expect(short.status == .code(0) && !short.output.isEmpty && short.output == long.output, "\(short)")
  }

  @Test func suggestsACommandForAMistypedOne() async throws {
    let near = try await pvescout("helth")
    #expect(near.status == .code(64) && near.errors.contains("did you mean 'health'?"), "\(near)")
    let far = try await pvescout("frobnicate")
    #expect(far.status == .code(64) && far.errors.contains("there is no command 'frobnicate'"), "\(far)")
  }

  @Test(arguments: [
    "run", "demo", "check", "doctor", "routes", "health", "explain", "lookup", "providers", "nodes", "guests",
    "clusters", "events", "status", "reload", "start", "stop", "notify", "notify test", "query", "version",
  ])
  func givesExamples(verb: String) async throws {
    let words = verb.split(separator: " ").map(String.init)
    let help = try await Program.run(Checkout.product("pvescout"), words + ["--help"])
    #expect(help.status == .code(0) && help.output.hasLine(with: "pvescout \(verb)"), "\(help)")
    #expect(help.output.contains("Examples:"), "\(help)")
  }

  @Test func failsIfThereIsNoRoomForTheOutput() async throws {
    let program = try Checkout.product("pvescout")
    let finished = try await Program.run("/bin/sh", ["-c", "exec \"$0\" version > /dev/full", program])
    #expect(finished.status == .code(1) && finished.errors.contains("standard output"), "\(finished)")
  }

  @Test func asksTheSocketForAnyPath() async throws {
    let agent = try await RunningAgent.ready(AgentFiles(routes: ["routes.yml": "web: {host: 127.0.0.1, port: 9}"]))
    let routes = try await agent.cli("query", "/v1/routes?pool=http")
    #expect(routes.status == .code(0), "\(routes)")
    #expect(try JSON(parsing: routes.output)["routes"].elements.count == 1)
    #expect(try await agent.cli("query", "/metrics").output.contains("# TYPE"))
    #expect(try await agent.cli("query", "/v1/nothing").status == .code(4))
    #expect(try await agent.cli("query", "v1").status == .code(64))
  }

  @Test func aRefusalIsJSONIfThatWasAskedFor() async throws {
    let files = try AgentFiles(routes: ["routes.yml": "web: {host: 127.0.0.1, port: 9}"])
    let agent = try await RunningAgent.ready(files)
    try files.directory.write("web: {prot: 9}", to: "routes.yml")
    let refused = try await agent.cli("reload", "-o", "json")
    #expect(refused.status == .code(1), "\(refused)")
    let answer = try JSON(parsing: refused.output)
    #expect(answer["error"]["code"] == "reload_refused", "\(answer)")
    #expect(answer["problems"].description.contains("prot"), "\(answer)")
  }

  @Test func showsTheRoutesOfEachGuest() async throws {
    let pve = try await FakePVE.start(lxc: 2, vms: 0)
    let agent = try await RunningAgent.ready(
      AgentFiles(
        clusters: [pve.entry()],
        routes: ["routes.yml": "app: {port: 80, healthcheck: {disable: true}, proxmox: {vmid: 100}}"]))
    try await agent.route("app", "links") { $0["link"]["state"] == "linked" }
    let guests = try await agent.cli("guests").output
    #expect(guests.hasLine(with: "VMID", "ROUTES") && guests.hasLine(with: "100", "app"), "\(guests)")
    #expect(guests.split(separator: "\n").count { $0.contains("app") } == 1, "\(guests)")
  }

  @Test func filtersTheGuests() async throws {
    let pve = try await FakePVE.start(lxc: 3, vms: 1)
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()]))
    let all = try await agent.get("/v1/guests")["guests"].elements
    let first = try #require(all.first)
    let (node, name) = (try #require(first["node"].string), try #require(first["name"].string))
    for (arguments, matches) in [
      (["--type", "qemu"], { $0["type"] == "qemu" }), (["--node", node], { $0["node"] == first["node"] }),
      (["--text", name.uppercased()], { $0["name"].string?.contains(name) == true }),
      (["--status", "running", "--type", "lxc"], { $0["status"] == "running" && $0["type"] == "lxc" }),
      (["--cluster", "nowhere"], { _ in false }),
    ] as [([String], (JSON) -> Bool)] {
      let found = try await Program.run(
        Checkout.product("pvescout"), ["guests", "-o", "json"] + arguments,
        environment: ["PVESCOUT_SOCKET": agent.files.socketPath])
      #expect(found.status == .code(0), "\(found)")
      let guests = try JSON(parsing: found.output)["guests"].elements
      #expect(guests.map { $0["vmid"] } == all.filter(matches).map { $0["vmid"] }, "\(arguments): \(found)")
    }
    let wrong = try await agent.cli("guests", "--type", "vm")
    #expect(wrong.status == .code(64) && wrong.errors.contains("it is one of: lxc, qemu"), "\(wrong)")
  }

  @Test func takesJSONAsOtherProgramsSpellIt() async throws {
    let agent = try await RunningAgent.ready(AgentFiles(routes: ["routes.yml": "web: {host: 127.0.0.1, port: 9}"]))
    for verb in ["routes", "guests", "status"] {
      let finished = try await agent.cli(verb, "--json")
      #expect(finished.status == .code(0) && (try? JSON(parsing: finished.output)) != nil, "\(finished)")
    }
  }

  /// XST is east of Greenwich by 5 h 30 min (POSIX turns the sign around).
  @Test func showsTimesOfThisMachinesZone() async throws {
    let agent = try await RunningAgent.ready(AgentFiles(routes: ["routes.yml": "web: {host: 127.0.0.1, port: 9}"]))
    let events = try Program(
      Checkout.product("pvescout"), ["events", "--since", "0"],
      environment: ["PVESCOUT_SOCKET": agent.files.socketPath, "TZ": "XST-5:30"])
    let json = try Program(
      Checkout.product("pvescout"), ["events", "--since", "0", "-o", "json"],
      environment: ["PVESCOUT_SOCKET": agent.files.socketPath, "TZ": "XST-5:30"])
    let line = try await eventually("the event") { events.output.split(separator: "\n").first { $0.contains("web:") } }
    let object = try await eventually("the event as JSON") {
      json.output.split(separator: "\n").first { $0.contains("route.added") }
    }
    let utc = try #require(try JSON(parsing: String(object))["data"]["at"].string)
    let parts = utc.dropFirst(11).prefix(8).split(separator: ":").compactMap { Int($0) }
    let minutes = (parts[0] * 60 + parts[1] + 330) % 1440
    let local = [minutes / 60, minutes % 60, parts[2]].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    #expect(utc.hasSuffix("Z") && line.hasPrefix("\(local)  route.added"), "\(utc): \(line)")
  }

  @Test func showsWhereRoutesAreServed() async throws {
    var files = try AgentFiles(routes: [
      "routes.yml": "web: {host: 127.0.0.1, port: 9}\nssh: {host: 127.0.0.1, port: \"0:9\"}"
    ])
    files.more = "proxy: {http: \"127.0.0.1:0\", match_domains: [home.example]}"
    let agent = try await RunningAgent.ready(files)
    let port = try await eventually("the proxy listens") {
      try await agent.get("/v1")["proxy"]["http"].string?.split(separator: ":").last
    }
    let listen = try #require(try await agent.route("ssh", "listens") { $0["listen"] != .null }["listen"].string)
    let list = try await agent.cli("routes").output
    #expect(list.hasLine(with: "web", "http://web.home.example:\(port)"), "\(list)")
    #expect(list.hasLine(with: "ssh", "tcp://\(listen)"), "\(list)")
    #expect(try await agent.cli("routes", "web").output.contains("http://web.home.example:\(port)"))
  }
}
