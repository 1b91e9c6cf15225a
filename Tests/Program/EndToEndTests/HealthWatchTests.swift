import Glibc
import TestSupport
import Testing

/// `pvescout health --watch`, with and without a terminal.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct HealthWatchTests {
  private func files(_ app: UpstreamServer) throws -> AgentFiles {
    var files = try AgentFiles(routes: [
      "routes.yml": """
      app: {host: \(app.host), port: \(app.port)}
      other: {host: 192.0.2.1, port: 80, healthcheck: {disable: true}}
      """
    ])
    files.health = "{interval: 200ms, timeout: 30s, unhealthy_after: 2}"
    return files
  }

  private func arguments(_ files: AgentFiles) -> [String] { ["health", "--watch", "--socket", files.socketPath] }

  @Test func drawsAViewToLeaveOpen() async throws {
    let app = try await UpstreamServer()
    let files = try files(app)
    let agent = try await RunningAgent.start(files)
    try await agent.route("app", "is healthy") { $0["health"]["status"] == "healthy" }
    let view = try TerminalProgram(
      Checkout.product("pvescout"), arguments(files), columns: 80, lines: 10, environment: ["NO_COLOR": ""])
    try await eventually("the board; it is \(view.screen)") {
      view.screen.contains { $0.hasPrefix("app ") && $0.contains("healthy") } ? true : nil
    }
    #expect(view.output.hasPrefix("\u{1b}[?1049h\u{1b}[?25l"), "the alternate screen, without a cursor")
    #expect(view.output.contains("\u{1b}[32m"), "colours on a terminal")

    try await app.stop()
    try await eventually("the trouble and its cause; it is \(view.screen)") {
      view.screen.contains { $0.contains("unhealthy") }
        && view.screen.contains { $0.contains("refused") || $0.contains("listens") }
        ? true : nil
    }
    #expect(view.screen.firstIndex { $0.hasPrefix("app ") } == 2, "on top: \(view.screen)")
    view.resize(columns: 30, lines: 10)
    try await eventually("it follows the new width; it is \(view.screen)") {
      view.screen.first { $0.contains("STATUS") }.map { !$0.contains("24 HOURS") } == true ? true : nil
    }
    view.signal(SIGINT)
    #expect(try await eventually("it ends") { view.end } == "exit 0")
    #expect(view.output.hasSuffix("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"), "the cursor is back")
  }

  @Test func survivesTheAgentsRestart() async throws {
    let app = try await UpstreamServer()
    let files = try files(app)
    let first = try await RunningAgent.start(files)
    try await first.route("app", "is healthy") { $0["health"]["status"] == "healthy" }
    let view = try TerminalProgram(
      Checkout.product("pvescout"), arguments(files), columns: 100, lines: 24, environment: ["NO_COLOR": "1"])
    let lines = try Program(Checkout.product("pvescout"), arguments(files))
    try await eventually("both show it") {
      view.output.contains("app ") && lines.output.contains("app: healthy") ? true : nil
    }
    #expect(lines.output.split(separator: "\n").count == 2, "\(lines.output)")
    #expect(!view.output.contains("\u{1b}[32m"), "no colours with NO_COLOR")
    #expect(try await first.stop() == .code(0))
    try await eventually("the board says so: \(view.screen)") {
      view.screen.contains { $0.contains("no answer for") } ? true : nil
    }
    try await eventually("so does the other: \(lines.errors)") { lines.errors.contains("trying again") ? true : nil }
    #expect(view.screen.contains { $0.hasPrefix("app ") }, "what was known stays")

    try await app.stop()
    let second = try await RunningAgent.start(files)
    try await eventually("the board is back: \(view.screen)") {
      view.screen.contains { $0.hasPrefix("app ") && $0.contains("unhealthy") } ? true : nil
    }
    #expect(!view.screen.contains { $0.contains("no answer for") })
    try await eventually("the lines go on: \(lines.output)") {
      lines.output.contains("-> unhealthy: ") ? true : nil
    }
    #expect(!lines.output.contains("\u{1b}"))
    #expect(lines.errors.contains("the agent answers again"))
    lines.signal(SIGINT)
    _ = try await lines.exit()
    view.signal(SIGTERM)
    #expect(try await eventually("it ends") { view.end } == "exit 0")
    _ = try await second.stop()
  }

  @Test func endsWhereThereIsNoAgent() async throws {
    let finished = try await Program.run(
      Checkout.product("pvescout"), ["health", "--watch", "--socket", "/tmp/pvs-none/agent.sock"])
    #expect(finished.status == .code(3), "\(finished)")
  }
}
