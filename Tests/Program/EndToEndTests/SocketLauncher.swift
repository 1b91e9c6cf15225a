import Foundation
import TestSupport

/// Tests/Lab/socket_launcher.py: holds sockets, and starts agents that inherit them.
final class SocketLauncher: Sendable {
  let files: AgentFiles
  let ports: [UInt16]
  private let inodes: [Int]
  private let program: Program

  /// - Parameter sockets: the name and kind of each: `tcp`, `udp`, or `deaf` for one that does not listen.
  init(_ sockets: (name: String, kind: String)...) async throws {
    files = try AgentFiles()
    let list = sockets.map { "{\"name\": \"\($0.name)\", \"kind\": \"\($0.kind)\"}" }.joined(separator: ", ")
    let launcher = try Program(
      "/usr/bin/env",
      [
        "python3", "-I", "\(Checkout.root)/Tests/Lab/socket_launcher.py", "[\(list)]", Checkout.product("pvescout"),
        "run",
        "--config", files.configurationPath,
      ], input: .openUntilReleased)
    program = launcher
    let opened = try await eventually("the sockets are open; the launcher said:\n\(launcher.errors)") {
      launcher.output.split(separator: "\n").first.flatMap { try? JSON(parsing: String($0)).elements }
    }
    ports = opened.map { UInt16($0.elements[0].int ?? 0) }
    inodes = opened.map { $0.elements[1].int ?? 0 }
  }

  func write(http port: UInt16, _ routes: String) throws {
    var files = files
    files.routes = ["routes.yml": routes]
    files.more = "proxy: {http: \"127.0.0.1:\(port)\"}"
    files.health = "{interval: 200ms, timeout: 2s, unhealthy_after: 1}"
    try files.write()
  }

  /// Starts an agent with the files as they are.
  func start() async throws -> RunningAgent {
    program.write("\n")
    return try await RunningAgent.started(files, by: program)
  }

  /// Stops the agent that was started last.
  func stop() async throws {
    let processID = try processID
    kill(processID, SIGTERM)
    try await eventually("the agent ends; it said:\n\(program.errors)") { kill(processID, 0) == 0 ? nil : () }
  }

  /// For each socket, whether the agent has it open.
  func heldSockets() throws -> [Bool] {
    let folder = "/proc/\(try processID)/fd"
    let open = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { name in
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
    }
    return inodes.map { open.contains("socket:[\($0)]") }
  }

  private var processID: Int32 {
    get throws {
      let line = program.output.split(separator: "\n").last.map(String.init) ?? ""
      guard let number = Int32(line) else { throw NotStarted(output: program.output) }
      return number
    }
  }

  private struct NotStarted: Error { var output: String }
}
