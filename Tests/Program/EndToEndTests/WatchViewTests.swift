import Foundation
import TestSupport
import Testing

/// `--watch` of the lists, with and without a terminal.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct WatchViewTests {
  private static let leave = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

  /// The settings of the terminal before and after the view, and its process ID.
  private static let script = #"""
    trap : INT TERM
    echo "before $(stty -g)"
    sh -c 'echo "pid $$"; exec "$0" "$@"' "$@"
    printf '\nstatus %s\n' "$?"
    echo "after $(stty -g)"
    """#

  private func files(routes count: Int) throws -> AgentFiles {
    let routes = (10..<10 + count).map { "r\($0): {host: 127.0.0.1, port: 9, healthcheck: {disable: true}}\n" }
    return try AgentFiles(routes: ["routes.yml": routes.joined()])
  }

  private func view(_ files: AgentFiles, _ arguments: String..., lines: Int = 10) throws -> TerminalProgram {
    let command = ["-c", Self.script, "sh", try Checkout.product("pvescout")] + arguments
    return try TerminalProgram(
      "/bin/sh", command + ["--watch", "--socket", files.socketPath], columns: 100, lines: lines,
      environment: ["NO_COLOR": "1"])
  }

  private func shows(_ alias: String, _ view: TerminalProgram) async throws {
    try await eventually("it shows \(alias): \(view.screen)") {
      view.screen.contains { $0.hasPrefix("\(alias) ") } ? true : nil
    }
  }

  /// The words behind a name that the script printed.
  private func word(_ name: String, _ view: TerminalProgram) -> String? {
    view.output.split(whereSeparator: \.isNewline).last { $0.hasPrefix("\(name) ") }
      .map { String($0.dropFirst(name.count + 1)) }
  }

  /// Waits for the end, and expects the terminal as it was before.
  private func expectRestored(_ view: TerminalProgram) async throws {
    #expect(try await eventually("it ends; it is \(view.output.suffix(300))") { view.end } == "exit 0")
    let (before, after) = (word("before", view), word("after", view))
    #expect(before != nil && before == after, "\(before ?? "-")\n\(after ?? "-")")
    #expect(word("status", view) == "0")
    let rest = view.output.components(separatedBy: Self.leave)
    #expect(rest.count > 1 && rest.last?.contains("\u{1b}") == false, "the former screen is back")
  }

  @Test func scrollsByKeysAndEndsOnQ() async throws {
    let files = try files(routes: 40)
    let agent = try await RunningAgent.ready(files)
    let view = try view(files, "routes")
    try await shows("r10", view)
    #expect(view.output.contains("\u{1b}[?1049h\u{1b}[?25l"), "the alternate screen, without a cursor")
    #expect(view.screen.last == "lines 1-8 of 40; arrow and page keys scroll, q quits", "\(view.screen)")
    // Down, down, page down, end, up, page up, home.
    for (key, first) in [("j", "r11"), ("\u{1b}[B", "r12"), ("\u{1b}[6~", "r19"), ("G", "r42"), ("\u{1b}OA", "r41")] {
      view.type(key)
      try await eventually("\(first) is on top: \(view.screen)") {
        view.screen.count > 1 && view.screen[1].hasPrefix("\(first) ") ? true : nil
      }
      #expect(view.screen[0].hasPrefix("ALIAS"), "the heading stays: \(view.screen)")
    }
    view.type("g")
    try await shows("r10", view)
    view.type("q")
    try await expectRestored(view)
    _ = try await agent.stop()
  }

  @Test func waitsForTheNextAgent() async throws {
    let files = try files(routes: 3)
    let first = try await RunningAgent.ready(files)
    let view = try view(files, "routes")
    try await shows("r10", view)
    #expect(try await first.stop() == .code(0))
    try await eventually("it says so: \(view.screen)") {
      view.screen.contains { $0.contains("no answer for") } ? true : nil
    }
    #expect(view.screen.contains { $0.hasPrefix("r10 ") }, "what was known stays")
    try files.directory.write("back: {host: 127.0.0.1, port: 9, healthcheck: {disable: true}}", to: "routes.yml")
    let second = try await RunningAgent.start(files, writing: false)
    try await shows("back", view)
    #expect(!view.screen.contains { $0.contains("no answer for") || $0.hasPrefix("r10 ") }, "\(view.screen)")
    _ = try await second.stop()
    try await eventually("it is gone again") { view.screen.contains { $0.contains("no answer for") } ? true : nil }
    view.type("q")
    try await expectRestored(view)
  }

  @Test(arguments: ["ctrl-C", "SIGTERM", "SIGHUP"]) func restoresTheTerminal(onEnd way: String) async throws {
    let files = try files(routes: 3)
    let agent = try await RunningAgent.ready(files)
    let view = try view(files, "guests")
    try await eventually("the view: \(view.screen)") { view.screen.contains { $0.hasPrefix("VMID") } ? true : nil }
    if way == "ctrl-C" {
      view.type("\u{3}")
    } else {
      let id = try #require(word("pid", view).flatMap { Int32($0) })
      kill(id, way == "SIGTERM" ? SIGTERM : SIGHUP)
    }
    try await expectRestored(view)
    _ = try await agent.stop()
  }

  /// Here without a shell that could continue it: the kernel does not stop it, and the view comes back.
  @Test func leavesTheScreenOnCtrlZ() async throws {
    let files = try files(routes: 3)
    let agent = try await RunningAgent.ready(files)
    let view = try view(files, "routes")
    try await shows("r10", view)
    view.type("\u{1a}")
    try await eventually("the view is back") {
      let parts = view.output.components(separatedBy: Self.leave)
      return parts.count > 1 && parts.last?.contains("r10 ") == true ? true : nil
    }
    view.type("q")
    try await expectRestored(view)
    _ = try await agent.stop()
  }

  @Test func printsPlainListsWithoutATerminal() async throws {
    let files = try files(routes: 2)
    let first = try await RunningAgent.ready(files)
    let lists = try Program(
      Checkout.product("pvescout"), ["routes", "--watch", "--socket", files.socketPath], input: .openUntilReleased)
    try await eventually("the list") { lists.output.contains("r11 ") ? true : nil }
    _ = try await first.stop()
    try await eventually("it says so: \(lists.errors)") { lists.errors.contains("trying again") ? true : nil }
    try files.directory.write("back: {host: 127.0.0.1, port: 9, healthcheck: {disable: true}}", to: "routes.yml")
    let second = try await RunningAgent.start(files, writing: false)
    try await eventually("the next list: \(lists.output)") { lists.output.contains("\n\nALIAS") ? true : nil }
    #expect(lists.output.contains("back ") && !lists.output.contains("\u{1b}"), "\(lists.output)")
    #expect(lists.errors.contains("the agent answers again"))
    #expect(lists.errors.split(separator: "\n").count { $0.contains("trying again") } == 1, "\(lists.errors)")
    lists.signal(SIGINT)
    _ = try await lists.exit()
    _ = try await second.stop()
  }
}
