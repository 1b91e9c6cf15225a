import Foundation
import Glibc
import TestSupport
import Testing

/// The destinations of `notify:` receive notices that a route went down and that it is up again, through the real
/// program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct NotificationTests {
  private static let health = "{interval: 200ms, timeout: 30s, unhealthy_after: 2}"

  private func files(routes: String, notify: String) throws -> AgentFiles {
    var files = try AgentFiles(routes: ["routes.yml": routes])
    files.health = Self.health
    files.more = notify
    return files
  }

  private func route(_ alias: String, to upstream: UpstreamServer) -> String {
    "\(alias): {host: \(upstream.host), port: \(upstream.port)}\n"
  }

  /// The bodies received so far, accepted or refused.
  private func bodies(_ receiver: UpstreamServer) throws -> [JSON] {
    try receiver.requests.map { try JSON(parsing: $0.body) }
  }

  private func becomes(_ status: JSON, _ alias: String = "app", on agent: RunningAgent) async throws {
    try await agent.route(alias, "is \(status)") { $0["health"]["status"] == status }
  }

  @Test func repeatsUntilTheWebhookTakesItAndTellsBothChanges() async throws {
    let (app, receiver) = (try await UpstreamServer(), try await UpstreamServer(answer: .status(503)))
    let agent = try await RunningAgent.start(
      files(
        routes: route("app", to: app),
        notify: """
          notify:
            - {name: phone, preset: ntfy, url: "\(receiver.url)/geheim_topic", token: tk_geheim}
          """))
    try await becomes("healthy", on: agent)
    try await app.stop()
    try await eventually("a second try") { receiver.requests.count >= 2 ? true : nil }
    let status = try await agent.cli("status")
    let problem = "notify 'phone' cannot deliver to http://\(receiver.host): it answered 503"
    #expect(status.output.contains(problem), "\(status)")

    receiver.answer(with: .status(200, body: "{}"))
    try await eventually("nothing fails any more") {
      try await agent.cli("status").output.contains("notify") ? nil : true
    }
    // A test beside this one may hold the port on all addresses for a moment.
    try await eventually("its port is free") { try? await app.start() }
    let told = try await eventually("the up") { () async throws -> [JSON]? in
      let told = try bodies(receiver)
      return told.last?["title"] == "app is up again" ? told : nil
    }
    #expect(told.dropLast().allSatisfy { $0 == told[0] }, "only the down was repeated: \(told)")
    #expect(told[0]["topic"] == "geheim_topic" && told[0]["title"] == "app is down", "\(told)")
    #expect(told[0]["message"].string?.contains("refused") == true, "the cause: \(told)")
    #expect(told.last?["message"].string?.contains("was down for") == true, "\(told)")
    #expect(receiver.requests.allSatisfy { $0.path == "/" && $0.authorization == "Bearer tk_geheim" })

    #expect(try await agent.stop() == .code(0))
    let log = agent.program.errors
    #expect(log.split(separator: "\n").count { $0.contains("warning") && $0.contains("phone") } == 1, "once: \(log)")
    #expect(!log.contains("geheim"), "\(log)")
  }

  @Test func reportsTheNewestStateOnceTheReceiverIsBack() async throws {
    let (app, receiver) = (try await UpstreamServer(), try await UpstreamServer(answer: .status(500)))
    let template = #"{"e": "{{event}}", "c": "{{cause}}"}"#
    let agent = try await RunningAgent.start(
      files(
        routes: route("app", to: app),
        notify: "notify: [{name: own, url: '\(receiver.url)', template: '\(template)'}]"))
    try await becomes("healthy", on: agent)
    try await app.stop()
    try await eventually("a try") { receiver.requests.isEmpty ? nil : true }
    try await app.start()
    try await becomes("healthy", on: agent)
    let before = receiver.requests.count
    receiver.answer(with: .status(200))
    try await eventually("a further try") { receiver.requests.count > before ? true : nil }
    try await eventually("all is told") { try await agent.cli("status").output.contains("notify") ? nil : true }
    let told = try bodies(receiver)
    #expect(told.last?["e"] == "up", "\(told)")
    #expect(told.last?["c"].string?.contains("refused") == true, "what was wrong: \(told)")
    #expect(try await agent.stop() == .code(0))
    #expect(try bodies(receiver).last?["e"] == "up", "no down came after it")
  }

  @Test(.timeLimit(.minutes(4))) func anAgentThatIsKilledTellsNothingTwice() async throws {
    let (app, receiver) = (try await UpstreamServer(), try await UpstreamServer())
    let files = try files(
      routes: route("app", to: app),
      notify: #"notify: [{name: own, url: '\#(receiver.url)', template: '{"e": "{{event}}"}'}]"#)
    let killed = try await RunningAgent.start(files)
    try await becomes("healthy", on: killed)
    try await app.stop()
    try await eventually("it is told") { receiver.requests.isEmpty ? nil : true }
    try await eventually("that is saved") {
      let text = try? String(contentsOfFile: files.directory.file("state/notifications.json"), encoding: .utf8)
      return text.map { $0.contains("downSince") && !$0.contains("untold") } == true ? true : nil
    }
    killed.program.signal(SIGKILL)
    _ = try await killed.program.exit()

    let agent = try await RunningAgent.start(files)
    try await becomes("unhealthy", on: agent)
    try await app.start()
    try await eventually("the up is told") { try bodies(receiver).last?["e"] == "up" ? true : nil }
    #expect(try bodies(receiver).map { $0["e"] } == ["down", "up"])
    #expect(try await agent.stop() == .code(0))
  }

  @Test(.timeLimit(.minutes(4))) func anAgentThatIsKilledForgetsNothing() async throws {
    let (app, receiver) = (try await UpstreamServer(), try await UpstreamServer(answer: .status(500)))
    let files = try files(
      routes: route("app", to: app),
      notify: #"notify: [{name: own, url: '\#(receiver.url)', template: '{"e": "{{event}}", "c": "{{cause}}"}'}]"#)
    let killed = try await RunningAgent.start(files)
    try await becomes("healthy", on: killed)
    try await app.stop()
    try await eventually("it is known to fail") {
      try await killed.cli("status").output.contains("notify") ? true : nil
    }
    try await eventually("that is saved") {
      let text = try? String(contentsOfFile: files.directory.file("state/notifications.json"), encoding: .utf8)
      return text?.contains("untold") == true ? true : nil
    }
    killed.program.signal(SIGKILL)
    _ = try await killed.program.exit()
    let tries = receiver.requests.count
    receiver.answer(with: .status(200))

    let agent = try await RunningAgent.start(files)
    try await eventually("it is told") { receiver.requests.count > tries ? true : nil }
    try await app.start()
    try await eventually("the up is told") { try bodies(receiver).last?["e"] == "up" ? true : nil }
    let told = try bodies(receiver).dropFirst(tries)
    #expect(told.map { $0["e"] } == ["down", "up"])
    #expect(told.last?["c"].string?.contains("refused") == true, "\(told)")
    #expect(try await agent.stop() == .code(0))
  }

  @Test func runsAHookWithTheFacts() async throws {
    let (app, broken) = (try await UpstreamServer(), try await UpstreamServer())
    try await broken.stop()
    var files = try files(routes: route("app", to: app) + route("broken", to: broken), notify: "")
    let out = files.directory.file("told")
    let hook = try files.directory.write(
      "#!/bin/sh\n{ env | grep ^PVESCOUT_; echo \"arguments=$*\"; echo END; } >> '\(out)'\n", to: "hook")
    chmod(hook, 0o755)
    files.more = "notify: [{name: hook, exec: [./hook, 'a b', '$HOME'], routes: [app, bro*], first_up: true}]"
    let agent = try await RunningAgent.start(files)
    try await becomes("unhealthy", "broken", on: agent)
    try await becomes("healthy", on: agent)
    try await app.stop()
    let told = try await eventually("both are told") { () -> [String]? in
      let text = (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
      let blocks = text.components(separatedBy: "END\n").dropLast()
      return blocks.count == 2 ? Array(blocks) : nil
    }
    #expect(told[0].contains("PVESCOUT_EVENT=up\n") && told[0].contains("PVESCOUT_ALIAS=app\n"), "\(told)")
    for line in [
      "PVESCOUT_EVENT=down", "PVESCOUT_KEY=app", "PVESCOUT_STATUS=unhealthy", "PVESCOUT_PREVIOUS=healthy",
      "PVESCOUT_TARGET=\(app.url)", "PVESCOUT_PROVIDER=file:routes", "PVESCOUT_GUEST=", "arguments=a b $HOME",
    ] {
      #expect(told[1].split(separator: "\n").contains(Substring(line)), "\(line) in \(told[1])")
    }
    #expect(told[1].contains("PVESCOUT_CAUSE="), "\(told)")
    #expect(!told.joined().contains("broken"), "what was never up is nobody's news")
    #expect(try await agent.stop() == .code(0))
  }

  @Test func aReloadTakesChangedEntriesUpAndRepeatsNothing() async throws {
    let (app, wrong, right) = (
      try await UpstreamServer(), try await UpstreamServer(answer: .status(401)), try await UpstreamServer()
    )
    let entry = { (server: UpstreamServer) in
      "notify: [{name: push, preset: gotify, url: '\(server.url)', token: t, never_up: true}]"
    }
    var files = try files(routes: route("app", to: app), notify: entry(wrong))
    let agent = try await RunningAgent.start(files)
    try await becomes("healthy", on: agent)
    try await app.stop()
    try await eventually("it is refused") { wrong.requests.isEmpty ? nil : true }
    files.more = entry(right)
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await app.start()
    try await eventually("the new one is told") { right.requests.isEmpty ? nil : true }
    #expect(try bodies(right).map { $0["title"] } == ["app is up again"])
    #expect(wrong.requests.count == 1, "what is refused is not repeated")
    files.more = "notify: [{name: push, preset: gotify, url: 'nowhere'}]"
    try files.write()
    let refused = try await agent.post("/v1/reload")
    #expect(refused.status == 422)
    #expect(refused.body["problems"].description.contains("pvescout.yml:8:"), "\(refused)")
  }

  /// For a route that was down before a restart and is up after it, only the up is sent; a route that failed in the
  /// meantime is reported as well.
  @Test func aRestartRepeatsNothingAndMissesNothing() async throws {
    let (app, other, receiver) = (try await UpstreamServer(), try await UpstreamServer(), try await UpstreamServer())
    let files = try files(
      routes: route("app", to: app) + route("other", to: other),
      notify: "notify: [{name: push, preset: gotify, url: '\(receiver.url)', token: t}]")
    let first = try await RunningAgent.start(files)
    try await becomes("healthy", on: first)
    try await becomes("healthy", "other", on: first)
    try await app.stop()
    try await eventually("the down") { receiver.requests.isEmpty ? nil : true }
    #expect(try await first.stop() == .code(0))

    try await other.stop()
    let second = try await RunningAgent.start(files)
    try await eventually("what died meanwhile") { receiver.requests.count == 2 ? true : nil }
    try await becomes("unhealthy", on: second)
    try await app.start()
    try await eventually("the up") { receiver.requests.count == 3 ? true : nil }
    #expect(try await second.stop() == .code(0))
    #expect(try bodies(receiver).map { $0["title"] } == ["app is down", "other is down", "app is up again"])
  }
}
