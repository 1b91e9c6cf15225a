import Foundation
import HTTPTransport
import TestSupport
import Testing

/// A reload takes up mode and groups of `socket:`; the few settings that it does not take up are named until a restart.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct SocketReloadTests {
  private func write(_ files: AgentFiles, socket: String) throws {
    let text = files.configuration.replacing("socket: {path: \(files.socketPath)}", with: "socket: {\(socket)}")
    try files.directory.write(text, to: "pvescout.yml")
  }

  private func attributes(_ path: String) throws -> (mode: Int?, group: String?) {
    let all = try FileManager.default.attributesOfItem(atPath: path)
    return ((all[.posixPermissions] as? NSNumber)?.intValue, all[.groupOwnerAccountName] as? String)
  }

  @Test func changesTheMode() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let own = try attributes(files.socketPath)
    #expect(own.mode == 0o660)
    try write(files, socket: "path: \(files.socketPath), mode: \"0600\"")
    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(try attributes(files.socketPath) == (0o600, own.group))
    try write(files, socket: "path: \(files.socketPath)")
    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(try attributes(files.socketPath) == own)
  }

  @Test(.enabled(if: getuid() == 0, "only root may give a file to any group"))
  func changesTheGroup() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let own = try attributes(files.socketPath)
    // Without a group, or with an unknown one, the socket has the agent's own.
    for (line, group) in [(", group: daemon", "daemon"), (", group: no-such-group", own.group), ("", own.group)] {
      try write(files, socket: "path: \(files.socketPath)\(line)")
      #expect(try await agent.post("/v1/reload").status == 200)
      #expect(try attributes(files.socketPath) == (0o660, group), "\(line)")
    }
  }

  /// The next socket gets the mode, not what has taken the place of the one before.
  @Test func leavesAnotherFileInThePlaceOfTheSocketAlone() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let foreign = files.directory.file("foreign")
    try files.directory.write("", to: "foreign")
    let before = try attributes(foreign)
    try FileManager.default.removeItem(atPath: files.socketPath)
    try FileManager.default.createSymbolicLink(atPath: files.socketPath, withDestinationPath: foreign)
    // What checks the file refuses a link in its path.
    try write(files, socket: "path: \(files.directory.file("moved.sock")), mode: \"0600\"")
    try await eventually("the settings are taken up; the agent said:\n\(agent.program.errors)") {
      agent.program.errors.hasLine(with: "restart needed", "socket.path") ? true : nil
    }
    #expect(try attributes(foreign) == before)
    try FileManager.default.removeItem(atPath: files.socketPath)
    try await eventually("the socket is back") { (try? attributes(files.socketPath))?.mode == 0o600 ? true : nil }
  }

  @Test func namesWhatOnlyARestartApplies() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let before = files.directory.file("state")
    let text = files.configuration.replacing("state_dir: \(before)", with: "state_dir: \(before)2")
      .replacing("socket: {path: \(files.socketPath)}", with: "socket: {path: \(files.socketPath)2}")
    try files.directory.write(text, to: "pvescout.yml")
    for _ in 1...2 {
      #expect(try await agent.post("/v1/reload").body["restart_needed"].elements == ["socket.path", "state_dir"])
    }
    #expect(try await agent.get("/readyz")["restart_needed"].elements == ["socket.path", "state_dir"])
    #expect(try await agent.cli("status").output.hasLine(with: "restart", "needed: socket.path, state_dir"))
    #expect(try await agent.cli("reload").errors.hasLine(with: "restart needed: socket.path, state_dir"))
    let told = agent.program.errors.split(separator: "\n").count { $0.contains("restart needed") }
    #expect(told == 1, "\(agent.program.errors)")
    try files.write()
    #expect(try await agent.post("/v1/reload").body["restart_needed"].elements.isEmpty)
    #expect(try await !agent.cli("status").output.contains("restart"))
  }
}
