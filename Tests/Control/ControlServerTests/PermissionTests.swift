import ControlServer
import Foundation
import HTTPTransport
import TestSupport
import Testing

/// The permissions of callers by the credentials of the peer. Only root can act as other users.
@Suite(
  .enabled(if: geteuid() == 0, "only root can become somebody else"), .timeLimit(.minutes(5)))
struct PermissionTests {
  /// Sends a `POST` and `GET /v1` as that user and group; returns the two statuses.
  private static func statuses(
    as user: Int, group: Int, posting path: String = "/v1/reload", on socket: String
  ) async throws -> String {
    let script = """
      import os, socket, sys
      os.setgroups([]); os.setgid(\(group)); os.setuid(\(user))
      def ask(line):
          s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
          s.sendall((line + " HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\nContent-Length: 0\\r\\n\\r\\n").encode())
          return s.makefile("rb").readline().split()[1].decode()
      print(ask("POST \(path)"), ask("GET /v1"))
      """
    let finished = try await Program.run("/usr/bin/env", ["python3", "-c", script, socket])
    return finished.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func letsAnotherUserReadButNotReload() async throws {
    let agent = StubAgent()
    let statuses = try await withServer(agent, configure: { $0.mode = 0o666 }) { _, socket async throws in
      try await Self.statuses(as: 65534, group: 65534, on: socket.path)
    }
    #expect(statuses == "403 200")
    #expect(agent.reloads == 0)
  }

  /// The first message for users other than root.
  @Test(arguments: [(UInt16(0o660), "usermod -aG nogroup nobody"), (0o600, "set socket.group")])
  func reportsTheOwnerOfTheSocket(mode: UInt16, words: String) async throws {
    let configure: (inout SocketConfiguration) -> Void = {
      $0.mode = mode
      $0.group = "nogroup"
    }
    // A folder that others may enter, and a user outside of the group.
    let finished = try await withServer(configure: configure) { _, socket async throws in
      _ = chmod(URL(fileURLWithPath: socket.path).deletingLastPathComponent().path, 0o755)
      return try await Program.run(
        "/usr/bin/env",
        [
          "setpriv", "--reuid", "65534", "--regid", "12345", "--clear-groups", Checkout.product("pvescout"), "routes",
          "--socket", socket.path,
        ])
    }
    #expect(finished.status == .code(3))
    for words in ["you may not open", "root and the group nogroup (mode 0\(String(mode, radix: 8)))", words] {
      #expect(finished.errors.contains(words), "\(finished)")
    }
  }

  @Test func letsAnotherUserSendNoNotice() async throws {
    let agent = StubAgent()
    let statuses = try await withServer(agent, configure: { $0.mode = 0o666 }) { _, socket async throws in
      try await Self.statuses(as: 65534, group: 65534, posting: "/v1/notify/phone/test", on: socket.path)
    }
    #expect(statuses == "403 200")
    #expect(agent.testNotices.isEmpty)
  }

  @Test func letsAMemberOfTheAdminGroupReload() async throws {
    let agent = StubAgent()
    let group = try #require(getgrnam("nogroup") ?? getgrnam("nobody"))
    let (name, id) = (String(cString: group.pointee.gr_name), Int(group.pointee.gr_gid))
    let configure: (inout SocketConfiguration) -> Void = {
      $0.mode = 0o666
      $0.adminGroup = name
    }
    let statuses = try await withServer(agent, configure: configure) { _, socket async throws in
      try await Self.statuses(as: 65534, group: id, on: socket.path)
    }
    #expect(statuses == "200 200")
    #expect(agent.reloads == 1)
  }

  @Test func givesTheSocketToItsGroup() async throws {
    let group = try #require(getgrnam("nogroup") ?? getgrnam("nobody"))
    let (name, id) = (String(cString: group.pointee.gr_name), group.pointee.gr_gid)
    try await withServer(configure: { $0.group = name }) { _, socket async throws in
      let owner = try FileManager.default.attributesOfItem(atPath: socket.path)[.groupOwnerAccountID] as? NSNumber
      #expect(owner?.uint32Value == id)
    }
  }
}
