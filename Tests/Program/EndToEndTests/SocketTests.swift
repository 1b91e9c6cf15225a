import Foundation
import TestSupport
import Testing

/// The socket is taken only if no agent uses it, and is removed at the end.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct SocketTests {
  private func startFails(_ files: AgentFiles) async throws -> Program.Finished {
    try files.write()
    return try await Program.run(Checkout.product("pvescout"), ["run", "--config", files.configurationPath])
  }

  @Test func refusesASocketThatAnotherAgentOwns() async throws {
    let files = try AgentFiles()
    let owner = try await RunningAgent.start(files)
    let second = try await startFails(files)
    #expect(second.status == .code(1))
    #expect(second.errors.hasLine(with: files.socketPath, "another"), "\(second.errors)")
    #expect(try await owner.status(of: "/livez") == 200, "the owner keeps its socket")
  }

  @Test func refusesADirectoryInPlaceOfTheSocket() async throws {
    let files = try AgentFiles()
    try FileManager.default.createDirectory(atPath: files.socketPath, withIntermediateDirectories: false)
    let finished = try await startFails(files)
    #expect(finished.status == .code(1))
    #expect(finished.errors.hasLine(with: files.socketPath, "directory"), "\(finished.errors)")
    #expect(FileManager.default.fileExists(atPath: files.socketPath))
  }

  @Test func refusesAFileInPlaceOfTheSocket() async throws {
    let files = try AgentFiles()
    try files.directory.write("precious", to: "agent.sock")
    let finished = try await startFails(files)
    #expect(finished.status == .code(1))
    #expect(finished.errors.hasLine(with: files.socketPath), "\(finished.errors)")
    #expect(try String(contentsOfFile: files.socketPath, encoding: .utf8) == "precious")
  }

  @Test func replacesTheSocketOfAnAgentThatDied() async throws {
    let files = try AgentFiles()
    let first = try await RunningAgent.start(files)
    first.program.signal(SIGKILL)
    #expect(try await first.program.exit() == .signal(SIGKILL))
    #expect(FileManager.default.fileExists(atPath: files.socketPath))
    let second = try await RunningAgent.start(files)
    #expect(try await second.status(of: "/livez") == 200)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func stopsCleanlyAndRemovesItsSocket(signal: Int32) async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.start(files)
    // An open event stream does not delay the stop.
    let events = try await EventStream(of: agent)
    agent.program.signal(signal)
    #expect(try await agent.program.exit() == .code(0), "\(agent.program.errors)")
    #expect(!FileManager.default.fileExists(atPath: files.socketPath))
    withExtendedLifetime(events) {}
  }

  @Test func givesTheSocketItsMode() async throws {
    var files = try AgentFiles()
    try files.write()
    let text = files.configuration.replacing(
      "{path: \(files.socketPath)}", with: "{path: \(files.socketPath), mode: \"0600\"}")
    files.more = ""
    try files.directory.write(text, to: "pvescout.yml")
    let program = try Program(Checkout.product("pvescout"), ["run", "--config", files.configurationPath])
    let mode = try await eventually("the socket is there; the agent said: \(program.errors)") {
      (try? FileManager.default.attributesOfItem(atPath: files.socketPath))?[.posixPermissions] as? Int
    }
    #expect(mode == 0o600)
  }

  /// As documented in README.md.
  @Test func answersCurl() async throws {
    let agent = try await RunningAgent.start(AgentFiles())
    func curl(_ arguments: String...) async throws -> Program.Finished {
      try await Program.run("/usr/bin/curl", ["-s", "--unix-socket", agent.files.socketPath] + arguments)
    }
    let info = try JSON(parsing: try await curl("http://localhost/v1").output)
    #expect(info["name"] == "pvescout" && info["api"] != .null && info["extensions"] == [], "\(info)")
    #expect(info["generation"].int != nil && info["started_at"].string?.hasSuffix("Z") == true, "\(info)")
    let missing = try await curl("-w", "%{http_code}", "http://localhost/v1/routes/nope")
    #expect(missing.output.hasSuffix("404") && missing.output.contains("route_not_found"), "\(missing)")
    #expect(try await curl("-w", "%{http_code}", "http://localhost/nope").output.hasSuffix("404"))
    #expect(try await curl("-w", "%{http_code}", "http://localhost/v1/routes?colour=red").output.hasSuffix("400"))
    let wrong = try await curl("-i", "-X", "DELETE", "http://localhost/v1/routes")
    #expect(wrong.output.contains(" 405 ") && wrong.output.hasLine(with: "allow: GET"), "\(wrong)")
  }
}
