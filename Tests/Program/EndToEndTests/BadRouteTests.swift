import Foundation
import TestSupport
import Testing

/// A bad route is excluded with its problem, a bad file contributes nothing; everything else is served.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct BadRouteTests {
  private func check(_ files: AgentFiles) async throws -> Program.Finished {
    try files.write()
    return try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
  }

  @Test func excludesARouteWithAnImpossiblePort() async throws {
    let files = try AgentFiles(routes: [
      "routes.yml": "good: {host: 127.0.0.1, port: 9}\nbad:\n  host: 127.0.0.1\n  port: 70000\n"
    ])
    let checked = try await check(files)
    #expect(checked.status == .code(1))
    #expect((checked.output + checked.errors).hasLine(with: "routes.yml:4:9:", "70000", "65535"), "\(checked)")
    let agent = try await RunningAgent.ready(files)
    #expect(try await agent.route("good")["pool"] == "http")
    let bad = try await agent.route("bad")
    #expect(bad["pool"] == "excluded" && bad["health"]["status"] == "unknown", "\(bad)")
    #expect(bad["excluded_reason"].string?.contains("70000") == true, "\(bad)")
  }

  @Test func listsARouteWhoseNameIsNoHostName() async throws {
    let files = try AgentFiles(routes: ["routes.yml": "good: {host: 127.0.0.1, port: 9}\n\"bad alias!\": {port: 80}\n"])
    #expect(try await check(files).status == .code(1))
    let agent = try await RunningAgent.ready(files)
    let routes = try await agent.get("/v1/routes?pool=excluded")["routes"].elements
    #expect(routes.map { $0["key"] } == ["bad alias!"], "\(routes)")
    #expect(routes.first?["excluded_reason"].string?.contains("is not a host name") == true, "\(routes)")
    #expect(try await agent.get("/v1/providers")["providers"]["file:routes"].elements.count == 2)
    let explained = try await agent.cli("explain", "bad alias!")
    #expect(explained.status == .code(0), "\(explained)")
    let told = explained.output.split(separator: "\n").filter { $0.contains("is not a host name") }
    #expect(told.count == 2, "as the reason and as the step: \(explained.output)")
  }

  @Test func saysWhatAProxmoxWithoutReferenceMeans() async throws {
    let files = try AgentFiles(routes: ["routes.yml": "e4: {port: 1, proxmox: {vmname: plex, services: [web, db]}}\n"])
    let agent = try await RunningAgent.ready(files)
    let route = try await agent.route("e4")
    #expect(route["target"] == .null, "somebody else's port: \(route)")
    let explained = try await agent.cli("explain", "e4")
    #expect(explained.output.hasLine(with: "target", "says neither node nor vmid"), "\(explained)")
    #expect(explained.output.hasLine(with: "note", "service web"), "\(explained)")
    #expect(try await agent.get("/v1/routes/e4/explain")["notes"] == ["service web", "service db"])
  }

  @Test func leavesARouteToAnUnknownNodeUnlinked() async throws {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.ready(
      AgentFiles(
        clusters: [pve.entry()], routes: ["routes.yml": "ghost: {proxmox: {node: pve9}}\nlost: {proxmox: {vmid: 777}}"])
    )
    for (alias, name) in [("ghost", "pve9"), ("lost", "777")] {
      let route = try await agent.route(alias, "is known to be lost") { $0["link"]["reason"] != "inventory_pending" }
      #expect(route["link"]["state"] == "unlinked" && route["target"] == .null, "\(route)")
      #expect(route["link"]["reason"].string?.isEmpty == false, "\(route)")
      let steps = try await agent.get("/v1/routes/\(alias)/explain")["steps"]
      #expect(steps.description.contains(name), "\(steps)")
    }
  }

  @Test func refusesAnAliasTwiceInAFile() async throws {
    let files = try AgentFiles(
      routes: [
        "routes.yml":
          "app: {host: 127.0.0.1, port: 9}\nother: {host: 127.0.0.1, port: 9}\napp: {host: 127.0.0.2, port: 9}\n"
      ])
    let checked = try await check(files)
    #expect(checked.status == .code(1))
    #expect((checked.output + checked.errors).hasLine(with: "routes.yml:3:1:", "app"), "\(checked)")
    let agent = try await RunningAgent.ready(files)
    #expect(try await agent.status(of: "/v1/routes/other") == 200)
  }

  @Test func excludesTheLaterOfTwoFilesWithOneAlias() async throws {
    let files = try AgentFiles(
      routes: [
        "a.yml": "app: {host: 127.0.0.1, port: 9}",
        "b.yml": "app: {host: 127.0.0.2, port: 9}\nown: {host: 127.0.0.2, port: 9}",
      ])
    let checked = try await check(files)
    #expect(checked.status == .code(0), "a warning is no error: \(checked)")
    #expect((checked.output + checked.errors).hasLine(with: "b.yml:1:1:", "warning", "app", "a.yml"), "\(checked)")
    let agent = try await RunningAgent.ready(files)
    let winner = try await agent.route("app")
    #expect(winner["provider"] == "file:a" && winner["pool"] == "http", "\(winner)")
    let providers = try await agent.get("/v1/providers")["providers"]
    let loser = providers["file:b"].first(where: "alias", is: "app")
    #expect(loser["pool"] == "excluded" && loser["key"] == "excluded:file:b:app", "\(loser)")
    #expect(loser["excluded_reason"].string?.contains("file:a") == true, "\(loser)")
    #expect(try await agent.route("own")["pool"] == "http")
  }

  @Test(arguments: ["app: [1, 2\n", "just some text\n", "- a\n- list\n", "app: {host: *nowhere}\n"])
  func countsOutAFileThatIsNoRouteFile(text: String) async throws {
    let files = try AgentFiles(routes: ["broken.yml": text, "routes.yml": "good: {host: 127.0.0.1, port: 9}"])
    let checked = try await check(files)
    #expect(checked.status == .code(1))
    #expect((checked.output + checked.errors).hasLine(with: "broken.yml:"), "\(checked)")
    let agent = try await RunningAgent.start(files)
    #expect(try await agent.route("good")["pool"] == "http")
    let ready = try await agent.send("/readyz")
    #expect(ready.status == 503 && ready.body.description.contains("broken.yml"), "\(ready)")
    #expect(try await agent.cli("status").output.contains("broken.yml"))
    #expect(agent.program.errors.contains("broken.yml"), "the log names it")
  }

  /// Only the agent, not `check`, puts unreadable files in `state_dir` aside.
  @Test func checkChangesNothingInTheStateDirectory() async throws {
    let files = try AgentFiles(
      clusters: [#"  - {name: lab, endpoints: ["https://127.0.0.1:1"], token_id: "a@pve!b", token_secret: "s"}"#],
      routes: ["routes.yml": "plex: {port: 80}"])
    try files.write()
    let names = ["links.json", "inventory-lab.json", "health.json", "notifications.json"]
    for name in names { try files.directory.write("damaged", to: "state/\(name)") }
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(checked.status == .code(0), "\(checked)")
    let state = files.directory.file("state")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: state)) == Set(names))
    for name in names { #expect(try String(contentsOfFile: "\(state)/\(name)", encoding: .utf8) == "damaged") }
  }

  @Test func namesAPatternThatMatchesNothing() async throws {
    var files = try AgentFiles(routes: ["routes.yml": "good: {host: 127.0.0.1, port: 9}"])
    files.routes["missing.yml"] = nil
    files.more = ""
    try files.write()
    let text = files.configuration.replacing("[routes.yml]", with: "[routes.yml, missing.yml]")
    try files.directory.write(text, to: "pvescout.yml")
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect((checked.output + checked.errors).hasLine(with: "missing.yml"), "\(checked)")
  }
}
