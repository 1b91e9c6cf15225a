import Foundation
import TestSupport
import Testing

/// Changed route files are applied automatically and on request; all or nothing. ``ReloadSettingsTests`` tests
/// SIGHUP.
@Suite(.serialized, .inTurn, .sharedCluster, .timeLimit(.minutes(10)))
struct ReloadTests {
  private static let routes = """
    jellyfin: {port: 8096, healthcheck: {disable: true}}
    nextcloud: {port: 80, healthcheck: {disable: true}}
    """
  private static let changed = """
    jellyfin: {port: 8097, healthcheck: {disable: true}}
    vaultwarden: {port: 80, healthcheck: {disable: true}}
    nextcloud: {port: 80, healthcheck: {disable: true}}
    """

  private func start() async throws -> RunningAgent {
    let pve = try SharedCluster.required()
    let agent = try await RunningAgent.ready(AgentFiles(clusters: [pve.entry()], routes: ["routes.yml": Self.routes]))
    for alias in ["jellyfin", "nextcloud"] {
      try await agent.route(alias, "links") { $0["link"]["state"] == "linked" && $0["target"] != .null }
    }
    return agent
  }

  enum Way: String, CaseIterable, Sendable { case watched, request, command }

  @Test(arguments: Way.allCases)
  func takesUpAChangedFileAndTouchesOnlyWhatChanged(way: Way) async throws {
    let agent = try await start()
    let events = try await EventStream(of: agent)
    let generation = try #require(try await agent.get("/v1")["generation"].int)
    try agent.files.directory.write(Self.changed, to: "routes.yml")
    switch way {
    case .watched: break
    case .request: #expect(try await agent.post("/v1/reload").status == 200)
    case .command: #expect(try await agent.cli("reload").status == .code(0))
    }
    try await agent.route("jellyfin", "has the new port") { $0["target"].string?.hasSuffix(":8097") == true }
    try await agent.route("vaultwarden", "is there and linked") { $0["link"]["state"] == "linked" }
    try await events.wait(for: "route.changed", aboutRoute: "jellyfin")
    try await events.wait(for: "route.added", aboutRoute: "vaultwarden")
    try await events.wait(for: "reload")
    let touched = events.received.filter { $0.type.hasPrefix("route.") || $0.type.hasPrefix("link.") }
    #expect(!touched.contains { $0.data.description.contains("nextcloud") }, "\(touched)")
    #expect(try #require(try await agent.get("/v1")["generation"].int) > generation)
    let moved = try await agent.get("/v1/routes/nextcloud/explain")["declared_at"].string
    #expect(moved?.contains("routes.yml:3:") == true, "\(moved ?? "")")

    try agent.files.directory.write(Self.routes, to: "routes.yml")
    try await events.wait(for: "route.removed", aboutRoute: "vaultwarden")
    #expect(try await agent.status(of: "/v1/routes/vaultwarden") == 404)
  }

  @Test func aRefusedReloadChangesNothing() async throws {
    let agent = try await start()
    let events = try await EventStream(of: agent)
    let before = try await agent.get("/v1/routes")
    // A rename, as editors save: the watcher sees the whole file or none of it.
    try agent.files.directory.write("jellyfin: {port: 70000}\nnextcloud: {prot: 80}\n", to: "routes.yml")
    let refused = try await agent.post("/v1/reload")
    #expect(refused.status == 422, "\(refused)")
    let text = refused.body["problems"].description
    #expect(text.contains("routes.yml:1:") && text.contains("routes.yml:2:"), "every problem: \(text)")
    #expect(text.contains("70000") && text.contains("prot"), "\(text)")
    #expect(try await agent.cli("reload").status == .code(1))
    #expect(try await agent.get("/v1/routes")["routes"] == before["routes"])

    try agent.files.directory.write(Self.changed, to: "routes.yml")
    try await agent.route("jellyfin", "is taken up once mended") { $0["target"].string?.hasSuffix(":8097") == true }
    // Events are in order: changes of refused files would precede those of the accepted one.
    try await events.wait(for: "reload")
    let told = events.received.filter {
      $0.type.hasPrefix("route.") || $0.type.hasPrefix("link.") || $0.type == "reload"
    }
    #expect(told.count { $0.type == "reload" } == 1, "\(told)")
    #expect(!told.contains { $0.type == "route.removed" }, "\(told)")
    #expect(!told.contains { $0.data.description.contains("nextcloud") }, "\(told)")
  }

  @Test func takesUpFilesThatComeAndGo() async throws {
    let pve = try SharedCluster.required()
    var files = try AgentFiles(clusters: [pve.entry()], routes: ["routes.d/a.yml": "jellyfin: {port: 80}"])
    try files.write()
    files.routes = [:]
    let text = files.configuration.replacing("providers: {files: []}", with: "providers: {files: [\"routes.d/*.yml\"]}")
    try files.directory.write(text, to: "pvescout.yml")
    let agent = try await RunningAgent.start(files, writing: false)
    try await agent.route("jellyfin", "is there") { _ in true }
    try files.directory.write("gitea: {port: 3000}", to: "routes.d/b.yml")
    try await agent.route("gitea", "is there") { $0["provider"] == "file:routes.d/b" }
    try FileManager.default.removeItem(atPath: files.directory.file("routes.d/b.yml"))
    try await eventually("gitea is gone") { try await agent.status(of: "/v1/routes/gitea") == 404 ? true : nil }
    #expect(try await agent.status(of: "/v1/routes/jellyfin") == 200)
  }
}
