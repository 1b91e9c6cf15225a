import Foundation
import PVESimulator
import TestSupport
import Testing

/// pvescout.yml and the files that it names are watched: every change is taken up without a request.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct WatchedSettingsTests {
  private static let dead = ["routes.yml": "dead: {host: 127.0.0.1, port: 9}"]

  private func files() throws -> AgentFiles {
    var files = try AgentFiles(routes: Self.dead)
    // Longer than any wait in these tests.
    files.health = "{interval: 1s, timeout: 30s, unhealthy_after: 1000}"
    return files
  }

  private func ready(_ agent: RunningAgent, _ what: String, where condition: (JSON) -> Bool) async throws {
    _ = try await eventually("\(what); the agent said:\n\(agent.program.errors)") {
      condition(try await agent.send("/readyz").body) ? true : nil
    }
  }

  @Test func takesUpTheAgentsFile() async throws {
    var files = try files()
    let agent = try await RunningAgent.ready(files)
    files.health = "{interval: 100ms, timeout: 30s, unhealthy_after: 1}"
    try files.write()
    try await agent.route("dead", "is unhealthy") { $0["health"]["status"] == "unhealthy" }
    #expect(agent.program.errors.hasLine(with: "file changed", files.configurationPath), "\(agent.program.errors)")
  }

  /// What a request has loaded is not loaded again by the watcher.
  @Test func loadsAFileOnce() async throws {
    var files = try files()
    let agent = try await RunningAgent.ready(files)
    files.health = "{interval: 2s, timeout: 30s, unhealthy_after: 1000}"
    try files.write()
    let generation = try #require(try await agent.post("/v1/reload").body["generation"].int)
    try await eventually("the reload is logged") {
      agent.program.errors.hasLine(with: "reloaded", "generation=\(generation)") ? true : nil
    }
    let changes = { agent.program.errors.split(separator: "\n").filter { $0.contains("file changed") } }
    // One, if the watcher was faster than the request.
    let before = changes().count
    try files.directory.write("other: {host: 127.0.0.1, port: 9}", to: "routes.yml")
    try await agent.route("other", "is there") { _ in true }
    let later = changes().dropFirst(before)
    #expect(later.count == 1 && later.allSatisfy { !$0.contains("pvescout.yml") }, "\(agent.program.errors)")
  }

  @Test func aBadFileChangesNothingUntilItIsMended() async throws {
    var files = try files()
    let agent = try await RunningAgent.ready(files)
    files.health = "{interval: never}"
    try files.write()
    try await ready(agent, "the bad file is refused") { $0["refused"].elements.count == 1 }
    #expect(try await agent.cli("status").output.hasLine(with: "problem", "pvescout.yml:", "interval"))
    #expect(try await agent.status(of: "/v1/routes/dead") == 200)
    files.health = "{interval: 100ms, timeout: 30s, unhealthy_after: 1}"
    try files.write()
    try await ready(agent, "the mended file is in force") { $0["refused"].elements.isEmpty }
    try await agent.route("dead", "is unhealthy") { $0["health"]["status"] == "unhealthy" }
  }

  /// A new file names a secret file and a route file that come later.
  @Test func takesUpFilesThatARefusedFileMissed() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    var files = try files()
    let agent = try await RunningAgent.ready(files)
    let secret = files.directory.file("late.secret")
    files.clusters = [
      simulator.entry(trust: "{fingerprint: \"\(simulator.fingerprint)\"}", secret: "token_secret_file: \(secret)")
    ]
    files.routes["more.yml"] = "late: {host: 127.0.0.1, port: 9}"
    try files.directory.write(files.configuration, to: "pvescout.yml")
    try await ready(agent, "the missing secret is named") { $0["refused"].description.contains("late.secret") }
    try files.directory.write("\(SimulatedCluster.sampleToken.secret)\n", to: "late.secret")
    try await ready(agent, "the missing route file is named") { $0["refused"].description.contains("more.yml") }
    try files.directory.write("late: {host: 127.0.0.1, port: 9}", to: "more.yml")
    try await agent.route("late", "is there") { _ in true }
    try await agent.cluster("home", "is read") { $0["error"] == .null && $0["guests"] == 3 }
  }

  /// A refused login is not repeated soon, except with another secret.
  @Test func takesUpAChangedSecret() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    var files = try files()
    let secret = try files.directory.write("00000000-0000-0000-0000-000000000000\n", to: "home.secret")
    files.clusters = [
      simulator.entry(trust: "{fingerprint: \"\(simulator.fingerprint)\"}", secret: "token_secret_file: \(secret)")
    ]
    let agent = try await RunningAgent.start(files)
    try await agent.cluster("home", "refuses the secret") { $0["error"].string?.contains("401") == true }
    try files.directory.write("\(SimulatedCluster.sampleToken.secret)\n", to: "home.secret")
    try await agent.cluster("home", "is read") { $0["error"] == .null && $0["guests"] == 3 }
    #expect(agent.program.errors.hasLine(with: "file changed", "home.secret"), "\(agent.program.errors)")
  }

  @Test func servesAFirstProxyAndEndsTheLast() async throws {
    let upstream = try await EchoUpstream()
    var files = try AgentFiles(routes: ["routes.yml": "web: {\(upstream.target)}"])
    let agent = try await RunningAgent.ready(files)
    for round in 1...2 {
      files.more = "proxy: {http: \"127.0.0.1:0\"}"
      try files.write()
      let address = try await eventually("the proxy listens, round \(round); the agent said:\n\(agent.program.errors)")
      {
        try await agent.get("/v1")["proxy"]["http"].string
      }
      let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
      #expect(try await ProxyLab(agent: agent, port: port).get("web").text == "echo")
      files.more = ""
      try files.write()
      try await eventually("the proxy is gone") {
        try await agent.get("/v1")["proxy"]["http"] == .null ? true : nil
      }
      try await eventually("the port is closed") { () -> Bool? in
        do { _ = try await RawConnection.connect(to: port) } catch { return true }
        return nil
      }
    }
    #expect(try await agent.stop() == .code(0), "\(agent.program.errors)")
  }

  @Test func waitsForThePortOfAFirstProxy() async throws {
    let upstream = try await EchoUpstream()
    var files = try AgentFiles(routes: ["routes.yml": "web: {\(upstream.target)}"])
    let agent = try await RunningAgent.ready(files)
    files.more = "proxy: {http: \"\(upstream.host):\(upstream.port)\"}"
    try files.write()
    try await ready(agent, "the taken port is named") { $0["listeners"].description.contains("proxy.http") }
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    try files.write()
    try await ready(agent, "another port is had") { $0["listeners"].elements.isEmpty }
    #expect(agent.program.exitStatus == nil)
  }
}
