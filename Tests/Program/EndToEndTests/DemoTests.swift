import Foundation
import Glibc
import TestSupport
import Testing

/// `pvescout demo`, as run by a person without a cluster.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct DemoTests {
  private func demo(_ arguments: String...) async throws -> Program.Finished {
    try await Program.run(Checkout.product("pvescout"), ["demo"] + arguments, within: .seconds(180))
  }

  @Test func settlesWithEveryKindOfLink() async throws {
    let ended = try await demo("--once", "--output", "json")
    #expect(ended.status == .code(0), "\(ended.errors)")
    let routes = try JSON(parsing: ended.output)["routes"].elements
    func links(_ state: JSON) -> [JSON] { routes.map { $0["link"] }.filter { $0["state"] == state } }
    #expect(Set(links("linked").map { $0["matched_by"] }) == ["explicit", "address", "hostname", "alias"])
    #expect(Set(links("linked").map { $0["kind"] }) == ["node", "guest"])
    #expect(Set(links("linked").map { $0["guest_type"] }).isSuperset(of: ["lxc", "qemu"]))
    #expect(links("ambiguous").count == 1 && links("unlinked").count == 1)
    #expect(Set(routes.map { $0["pool"] }) == ["http", "stream", "excluded"])
    let unwell = routes.filter { $0["health"]["status"] == "unhealthy" }
    #expect(unwell.map { $0["alias"] } == ["nextcloud"])
    let loopback = routes.compactMap { $0["target"].string }.allSatisfy { target in
      target.contains("://127.") || target.contains(".localhost:")
    }
    #expect(loopback)
  }

  @Test func printsATableAndRunsBesideItself() async throws {
    async let first = demo("--once", "--nodes", "5", "--guests", "40")
    async let second = demo("--once")
    for ended in try await [first, second] {
      #expect(ended.status == .code(0), "\(ended.errors)")
      #expect(ended.output.hasLine(with: "plex", "guest 101 plex on pve1", "healthy"), "\(ended.output)")
      #expect(ended.output.hasLine(with: "web", "ambiguous"))
    }
  }

  @Test func livesUntilItIsStoppedAndLeavesNothingBehind() async throws {
    let demo = try Program(Checkout.product("pvescout"), ["demo"])
    try await eventually("the container has migrated; so far:\n\(demo.output)\n\(demo.errors)") {
      demo.output.hasLine(with: "guest", "101 plex: node pve1 → pve2") ? true : nil
    }
    let line = try #require(demo.errors.split(separator: "\n").first { $0.contains("--socket ") })
    let socket = try #require(line.split(separator: " ").last.map(String.init))
    let asked = try await Program.run(Checkout.product("pvescout"), ["routes", "plex", "--socket", socket])
    #expect(asked.output.contains("pve2"), "\(asked)")

    demo.signal(SIGINT)
    #expect(try await demo.exit() == .code(0))
    let folder = URL(fileURLWithPath: socket).deletingLastPathComponent().path
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func endsByItself() async throws {
    let ended = try await demo("--seconds", "1")
    #expect(ended.status == .code(0), "\(ended.errors)")
  }
}
