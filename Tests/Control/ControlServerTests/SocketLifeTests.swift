import ControlAPI
import ControlClient
import ControlServer
import Foundation
import TestSupport
import Testing

/// The server's handling of its socket's path.
@Suite(.timeLimit(.minutes(5))) struct SocketLifeTests {
  private let folder: TemporaryDirectory
  private var configuration = SocketConfiguration()

  init() throws {
    folder = try TemporaryDirectory()
    configuration.path = folder.file("p.sock")
  }

  private func server(_ configuration: SocketConfiguration? = nil) -> ControlServer {
    ControlServer(configuration: configuration ?? self.configuration, agent: StubAgent(), logger: .silent)
  }

  private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  private func error(_ configuration: SocketConfiguration? = nil) -> SocketError? {
    Self.refusal(of: server(configuration))
  }

  private static func refusal(of server: ControlServer) -> SocketError? {
    do throws(SocketError) {
      try server.prepare()
      return nil
    } catch {
      return error
    }
  }

  @Test func removesItsSocketWhenItStops() async throws {
    let (folder, path) = (folder, configuration.path)
    try await withServer(StubAgent(), on: configuration) { _, _ async throws in
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(!exists(path))
    _ = folder
  }

  @Test func leavesAFileThatTookItsPlace() async throws {
    let folder = folder
    try await withServer(StubAgent(), on: configuration) { _, socket async throws in
      let mine = try folder.write("mine", to: "mine")
      #expect(rename(mine, socket.path) == 0)
    }
    #expect(exists(configuration.path))
  }

  /// Whatever replaced the socket, the agent can be reached again as soon as the path is free.
  @Test(.timeLimit(.minutes(5)), arguments: ["removed", "file", "stale", "folder"])
  func bringsItsSocketBack(_ loss: String) async throws {
    var configuration = configuration
    configuration.path = folder.file("run/p.sock")
    let (manager, run, other) = (FileManager.default, folder.file("run"), folder.file("other"))
    try await withServer(StubAgent(), on: configuration) { client, socket async throws in
      // In one step, so that no check of the agent falls in between.
      switch loss {
      case "file":
        try Data("mine".utf8).write(to: URL(fileURLWithPath: other))
        #expect(rename(other, socket.path) == 0)
      case "stale":
        try Sockets.leaveStale(at: other)
        #expect(rename(other, socket.path) == 0)
      case "folder":
        #expect(rename(run, other) == 0)
        try manager.removeItem(atPath: other)
      default: try manager.removeItem(atPath: socket.path)
      }
      if loss == "file" {
        // Existing files belong to others.
        await #expect(throws: ControlClientError.self) { try await client.info() }
        #expect(try String(contentsOfFile: socket.path, encoding: .utf8) == "mine")
        try manager.removeItem(atPath: socket.path)
      }
      try await eventually("the agent is there again") { try? await client.info() }
      let found = try manager.attributesOfItem(atPath: socket.path)[.posixPermissions] as? NSNumber
      #expect(found?.uint16Value == 0o660)
      #expect(Self.refusal(of: self.server(socket)) == .inUse(path: socket.path, pid: getpid()))
    }
    #expect(!exists(configuration.path))
  }

  @Test(arguments: [UInt16(0o600), 0o660, 0o666])
  func givesTheSocketItsMode(_ mode: UInt16) async throws {
    var configuration = configuration
    configuration.mode = mode
    try await withServer(StubAgent(), on: configuration) { _, socket async throws in
      let found = try FileManager.default.attributesOfItem(atPath: socket.path)[.posixPermissions] as? NSNumber
      #expect(found?.uint16Value == mode)
    }
  }

  @Test func refusesAPathThatIsTooLong() {
    var configuration = configuration
    configuration.path = folder.file(String(repeating: "s", count: 108 - folder.path.utf8.count - 1))
    #expect(error(configuration) == .pathTooLong(path: configuration.path, bytes: 108))
    configuration.path.removeLast()
    #expect(error(configuration) == nil)
  }

  @Test func refusesADirectoryAndLeavesIt() throws {
    try FileManager.default.createDirectory(atPath: configuration.path, withIntermediateDirectories: false)
    #expect(error() == .notASocket(path: configuration.path, found: "a directory"))
    #expect(exists(configuration.path))
    #expect(!exists(configuration.path + ".lock"))
  }

  @Test func refusesAPlainFileAndLeavesIt() throws {
    try folder.write("precious", to: "p.sock")
    #expect(error() == .notASocket(path: configuration.path, found: "a plain file"))
    #expect(try String(contentsOfFile: configuration.path, encoding: .utf8) == "precious")
  }

  @Test func replacesAStaleSocket() async throws {
    try Sockets.leaveStale(at: configuration.path)
    #expect(exists(configuration.path))
    let name = try await withServer(StubAgent(), on: configuration) { client, _ in try await client.info().value.name }
    #expect(name == "pvescout")
  }

  @Test func refusesASocketThatAnotherAgentOwns() async throws {
    let path = configuration.path
    try await withServer(StubAgent(), on: configuration) { client, configuration async throws in
      let second = ControlServer(configuration: configuration, agent: StubAgent(), logger: .silent)
      let error = Self.refusal(of: second)
      #expect(error == .inUse(path: path, pid: getpid()))
      #expect(error?.description.contains(path) == true)
      let name = try await client.info().value.name
      #expect(name == "pvescout")
    }
  }

  @Test func refusesASocketOnWhichAnybodyElseListens() throws {
    let listener = try Sockets.listen(at: configuration.path)
    defer { close(listener) }
    #expect(error() == .inUse(path: configuration.path, pid: getpid()))
    #expect(exists(configuration.path))
  }

  @Test func listensWithoutAGroupThatDoesNotExist() async throws {
    var configuration = configuration
    (configuration.group, configuration.adminGroup) = ("no-such-group", "no-such-group")
    try await withServer(StubAgent(), on: configuration) { client, configuration async throws in
      _ = try await client.info()
      let attributes = try FileManager.default.attributesOfItem(atPath: configuration.path)
      #expect((attributes[.groupOwnerAccountID] as? NSNumber)?.uint32Value == getegid())
    }
  }

  @Test func makesTheDirectory() async throws {
    var configuration = configuration
    configuration.path = folder.file("a/b/p.sock")
    try await withServer(StubAgent(), on: configuration) { client, _ in _ = try await client.info() }
    #expect(exists(folder.file("a/b")))
  }

  @Test func saysThatItCannotMakeTheDirectory() throws {
    try folder.write("a file", to: "a")
    var configuration = configuration
    configuration.path = folder.file("a/b/p.sock")
    let text = error(configuration)?.description ?? ""
    #expect(text.contains("making the directory") && text.hasSuffix("or set another socket.path"), "\(text)")
  }
}
