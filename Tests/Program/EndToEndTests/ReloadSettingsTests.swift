import Foundation
import TestSupport
import Testing

/// The settings that a reload applies from pvescout.yml. ``WatchedSettingsTests`` changes them without a request.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ReloadSettingsTests {
  /// A dead upstream becomes `unhealthy` after the number of failures in `health:`.
  @Test(arguments: ["signal", "request"])
  func takesUpHealth(way: String) async throws {
    var files = try AgentFiles(routes: ["routes.yml": "dead: {host: 127.0.0.1, port: 9}"])
    // Longer than any wait in this test.
    files.health = "{interval: 1s, timeout: 30s, unhealthy_after: 1000}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route("dead", "was checked") {
      $0["health"]["status"] == "unknown" && $0["health"]["detail"].string?.contains("not checked") == false
    }
    files.health = "{interval: 100ms, timeout: 30s, unhealthy_after: 1}"
    try files.write()
    if way == "signal" {
      agent.program.signal(SIGHUP)
    } else {
      #expect(try await agent.post("/v1/reload").status == 200)
    }
    try await agent.route("dead", "is unhealthy") { $0["health"]["status"] == "unhealthy" }
  }

  @Test func takesUpClustersAndTheirTrust() async throws {
    let (pve, other) = (try await FakePVE.start(lxc: 2, vms: 0), try await FakePVE.start(lxc: 1, vms: 0))
    var files = try AgentFiles(
      clusters: [pve.entry()],
      routes: [
        "routes.yml": "ui: {scheme: https, port: \(pve.manifest.port), proxmox: {node: pve1, cluster: lab}}"
      ])
    files.health = "{interval: 200ms, timeout: 30s, unhealthy_after: 1}"
    let agent = try await RunningAgent.ready(files)
    try await agent.route("ui", "is healthy") { $0["health"]["status"] == "healthy" }
    files.clusters = [pve.entry(trust: .wrongFingerprint(pve.almostTheFingerprint)), other.entry(named: "shed")]
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    let route = try await agent.route("ui", "is no longer trusted") { $0["health"]["status"] == "unhealthy" }
    #expect(route["health"]["detail"].string?.contains("certificate is not the pinned one") == true, "\(route)")
    try await agent.cluster("shed", "is read") { $0["stale"] == false && $0["error"] == .null }
    files.clusters = [other.entry(named: "shed")]
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await eventually("the first cluster is gone") {
      try await agent.get("/v1/clusters")["clusters"].elements.map { $0["name"] } == ["shed"] ? () : nil
    }
  }

  /// The route files are watched and applied, while the invalid configuration file is still not active.
  @Test func aRefusedFileOfTheAgentIsNotForgottenWhenARouteFileIsSaved() async throws {
    var files = try AgentFiles(routes: ["routes.yml": "one: {host: 127.0.0.1, port: 9}"])
    let agent = try await RunningAgent.ready(files)
    files.health = "{interval: never}"
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 422)
    try files.directory.write("two: {host: 127.0.0.1, port: 9}", to: "routes.yml")
    try await agent.route("two", "is there") { $0["pool"] == "http" }
    let status = try await agent.cli("status")
    #expect(status.output.hasLine(with: "reload", "refused"), "\(status)")
    #expect(status.output.hasLine(with: "problem", "pvescout.yml:", "interval"), "\(status)")
    let ready = try await agent.send("/readyz").body
    #expect(ready["refused"].elements.count == 1, "\(ready)")
  }

  /// The saved state of a route is removed with it, even if the route was removed while the agent was off.
  @Test func theStateOfRoutesThatWentWhileTheAgentWasOffGoesToo() async throws {
    var files = try AgentFiles(routes: [
      "routes.yml": "gone: {host: 127.0.0.1, port: 9}\nkept: {host: 127.0.0.1, port: 9}"
    ])
    files.health = "{interval: 100ms, timeout: 30s, unhealthy_after: 1}"
    files.more = "notify: [{name: program, exec: [/bin/true], never_up: true}]"
    let first = try await RunningAgent.ready(files)
    for alias in ["gone", "kept"] {
      try await first.route(alias, "is unhealthy") { $0["health"]["status"] == "unhealthy" }
    }
    #expect(try await first.stop() == .code(0))
    let state = { try String(contentsOfFile: files.directory.file("state/notifications.json"), encoding: .utf8) }
    #expect(try state().contains("\"gone\"") && state().contains("\"kept\""))
    files.routes = ["routes.yml": "kept: {host: 127.0.0.1, port: 9}"]
    let second = try await RunningAgent.ready(files)
    #expect(try await second.stop() == .code(0))
    #expect(try !state().contains("\"gone\"") && state().contains("\"kept\""))
  }
}
