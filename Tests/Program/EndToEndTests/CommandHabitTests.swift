import TestSupport
import Testing

/// What people expect of any command line.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct CommandHabitTests {
  private func pvescout(_ arguments: String...) async throws -> Program.Finished {
    try await Program.run(Checkout.product("pvescout"), arguments)
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
}
