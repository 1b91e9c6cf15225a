import Foundation
import HTTPTransport
import TestSupport
import Testing

/// `socket:` is taken up by a reload; the few settings that are not are named until a restart.
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

  @Test func changesModeAndGroup() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let own = try attributes(files.socketPath)
    #expect(own.mode == 0o660)
    // Only root may give a file to any group.
    let group = getuid() == 0 ? "daemon" : own.group ?? ""
    try write(files, socket: "path: \(files.socketPath), mode: \"0600\", group: \(group)")
    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(try attributes(files.socketPath) == (0o600, group))
    try write(files, socket: "path: \(files.socketPath)")
    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(try attributes(files.socketPath) == own)
  }

  @Test func movesToAnotherPath() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let path = files.directory.file("other.sock")
    try write(files, socket: "path: \(path)")
    let reloaded = try await agent.post("/v1/reload")
    #expect(reloaded.status == 200 && reloaded.body["restart_needed"].elements.isEmpty, "\(reloaded)")
    let status = try await eventually("the agent answers at the other path; it said:\n\(agent.program.errors)") {
      let finished = try await agent.cli("status", "--socket", path)
      return finished.status == .code(0) ? finished : nil
    }
    #expect(status.output.hasLine(with: "ready", "yes"), "\(status)")
    try await eventually("the former path is gone") {
      FileManager.default.fileExists(atPath: files.socketPath) ? nil : true
    }
    #expect(try await agent.stop() == .code(0))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func refusesThePathOfAnotherAgent() async throws {
    let (files, others) = (try AgentFiles(), try AgentFiles())
    let (agent, other) = (try await RunningAgent.ready(files), try await RunningAgent.ready(others))
    try write(files, socket: "path: \(others.socketPath)")
    let reloaded = try await agent.post("/v1/reload")
    #expect(reloaded.status == 422 && reloaded.body["problems"].description.contains("another agent"), "\(reloaded)")
    #expect(try await agent.get("/readyz")["refused"].description.contains(others.socketPath))
    #expect(try await other.get("/livez")["alive"] == true)
  }

  @Test func namesWhatOnlyARestartApplies() async throws {
    let files = try AgentFiles()
    let agent = try await RunningAgent.ready(files)
    let before = files.directory.file("state")
    let text = files.configuration.replacing("state_dir: \(before)", with: "state_dir: \(before)2")
    try files.directory.write(text, to: "pvescout.yml")
    for _ in 1...2 {
      #expect(try await agent.post("/v1/reload").body["restart_needed"].elements == ["state_dir"])
    }
    #expect(try await agent.get("/readyz")["restart_needed"].elements == ["state_dir"])
    #expect(try await agent.cli("status").output.hasLine(with: "restart", "needed: state_dir"))
    #expect(try await agent.cli("reload").errors.hasLine(with: "restart needed: state_dir"))
    let told = agent.program.errors.split(separator: "\n").count { $0.contains("restart needed") }
    #expect(told == 1, "\(agent.program.errors)")
    try files.write()
    #expect(try await agent.post("/v1/reload").body["restart_needed"].elements.isEmpty)
    #expect(try await !agent.cli("status").output.contains("restart"))
  }
}
