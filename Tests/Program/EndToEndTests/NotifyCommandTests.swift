import Foundation
import TestSupport
import Testing

/// `pvescout notify test NAME`, through the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct NotifyCommandTests {
  private func agent(_ notify: String) async throws -> RunningAgent {
    var files = try AgentFiles(routes: ["routes.yml": "web: {host: 127.0.0.1, port: 9, healthcheck: {disable: true}}"])
    files.more = "notify:\n" + notify
    return try await RunningAgent.ready(files)
  }

  @Test func sendsOneMarkedNoticeToEachKindOfWebhook() async throws {
    let receiver = try await UpstreamServer(answer: .status(204))
    let agent = try await agent(
      """
        - {name: phone, preset: ntfy, url: "\(receiver.url)/geheim_topic", token: tk_geheim}
        - {name: push, preset: gotify, url: "\(receiver.url)/geheim", token: tk_geheim}
        - {name: chat, preset: discord, url: "\(receiver.url)/api/webhooks/1/geheim"}
        - {name: own, url: "\(receiver.url)/geheim", template: '{"e": "{{event}}", "t": "{{title}}", "n": "{{alias}}"}'}

      """)
    for (index, name) in ["phone", "push", "chat", "own"].enumerated() {
      let finished = try await agent.cli("notify", "test", name)
      #expect(finished.status == .code(0), "\(finished)")
      #expect(finished.output == "\(name): delivered to http://\(receiver.host), it answered 204\n")
      let body = try #require(receiver.requests.last).body
      #expect(receiver.requests.count == index + 1, "one notice for \(name)")
      #expect(body.contains("this is a test"))
    }
    #expect(
      try JSON(parsing: try #require(receiver.requests.last).body)
        == ["e": "test", "t": "pvescout: this is a test", "n": "pvescout-test"])
    let json = try await agent.cli("notify", "test", "own", "-o", "json")
    #expect(try JSON(parsing: json.output)["answer"] == "it answered 204", "\(json)")
    #expect(try await agent.stop() == .code(0))
    #expect(!agent.program.errors.contains("geheim"))
  }

  @Test func saysWhyNothingArrived() async throws {
    let receiver = try await UpstreamServer(answer: .status(403))
    let agent = try await agent(
      """
        - {name: phone, preset: ntfy, url: "\(receiver.url)/geheim_topic", token: tk_geheim}
        - {name: down, preset: gotify, url: "http://127.0.0.1:1/geheim", token: tk_geheim}

      """)
    let refused = try await agent.cli("notify", "test", "phone")
    #expect(refused.status == .code(1) && refused.output.isEmpty, "\(refused)")
    let problem = "notify 'phone' cannot deliver to http://\(receiver.host): it answered 403: it wants"
    #expect(refused.errors.contains(problem))
    #expect(refused.errors.contains("pvescout.yml:") && !refused.errors.contains("geheim"), "\(refused)")
    let down = try await agent.cli("notify", "test", "down", "-o", "json")
    #expect(down.status == .code(1), "\(down)")
    #expect(try JSON(parsing: down.output)["error"]["message"].string?.contains("refused") == true, "\(down)")
    #expect(!(down.output + down.errors).contains("geheim"), "\(down)")
    let unknown = try await agent.cli("notify", "test", "fone")
    #expect(unknown.status == .code(4) && unknown.errors.contains("the entries are: phone, down"), "\(unknown)")
    // It is no trouble of the agent: nothing is tried again.
    #expect(try await !agent.cli("status").output.contains("cannot deliver"))
    #expect(receiver.requests.count == 1)
  }

  @Test func runsTheProgramWithTheEventTest() async throws {
    let folder = try TemporaryDirectory()
    let script = #"""
      #!/bin/sh
      echo geheim
      printf '%s %s' "$PVESCOUT_EVENT" "$PVESCOUT_ALIAS" > \#(folder.file("told"))

      """#
    try folder.write(script, to: "hook")
    try folder.write("#!/bin/sh\nexit 3\n", to: "bad")
    for name in ["hook", "bad"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file(name))
    }
    let agent = try await agent(
      "  - {name: hook, exec: [\(folder.file("hook"))]}\n  - {name: bad, exec: [\(folder.file("bad"))]}\n")
    let finished = try await agent.cli("notify", "test", "hook")
    #expect(finished.output == "hook: delivered to \(folder.file("hook")), it exited with 0\n", "\(finished)")
    #expect(try String(contentsOfFile: folder.file("told"), encoding: .utf8) == "test pvescout-test")
    let bad = try await agent.cli("notify", "test", "bad")
    #expect(bad.status == .code(1) && bad.errors.contains("it exited with 3"), "\(bad)")
  }
}
