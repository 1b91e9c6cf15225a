import Foundation
import PVESimulator
import TestSupport
import Testing

/// A guest's name is untrusted. In no output can it control a terminal or forge a line.
@Suite(.serialized, .inTurn)
struct PrintableOutputTests {
  private static let evil = "evil\u{1B}]0;x\u{7}\u{202E}\u{9B}31m\u{7F}\r\nforged\u{2028}end"
  private static let unsafe = Set("\u{1B}\u{7}\u{202E}\u{9B}\u{7F}\r\u{2028}".unicodeScalars)

  private func expectPrintable(_ text: String, _ sink: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(text.contains("evil"), "\(sink): \(text.debugDescription)", sourceLocation: sourceLocation)
    #expect(
      !text.unicodeScalars.contains(where: Self.unsafe.contains), "\(sink): \(text.debugDescription)",
      sourceLocation: sourceLocation)
    #expect(
      !text.split(separator: "\n").contains { $0.hasPrefix("forged") }, "\(sink): \(text.debugDescription)",
      sourceLocation: sourceLocation)
  }

  @Test(.timeLimit(.minutes(5)))
  func noSinkShowsControlCharacters() async throws {
    var cluster = SimulatedCluster.sample(nodes: 1, guests: 1)
    cluster.change(101) { $0.name = Self.evil }
    let simulator = try await PVESimulator.start(cluster: cluster)
    let receiver = try await UpstreamServer()
    var files = try AgentFiles(
      clusters: [
        """
          - name: lab
            endpoints: [\(simulator.url)]
            token_id: \(SimulatedCluster.sampleToken.id)
            token_secret: \(SimulatedCluster.sampleToken.secret)
            tls: {fingerprint: "\(simulator.fingerprint)"}
        """
      ], routes: ["routes.yml": "app.lan: {port: 1, proxmox: {vmid: 101}, healthcheck: {interval: 200ms}}"])
    let facts = files.directory.file("facts")
    let hook = try files.directory.write(
      "#!/bin/sh\nenv > '\(facts).draft'; mv '\(facts).draft' '\(facts)'\n", to: "hook")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook)
    files.more = """
      proxy: {http: "127.0.0.1:0"}
      notify:
        - {name: hook, exec: [./hook], never_up: true}
        - {name: web, preset: ntfy, url: "\(receiver.url)/topic", never_up: true}
      """
    let agent = try await RunningAgent.ready(files)
    try await agent.route("app.lan", "is down") { $0["health"]["status"] == "unhealthy" }

    for path in ["/v1/guests", "/v1/routes", "/v1/routes/app.lan/explain", "/v1/health/app.lan"] {
      expectPrintable(try await curl(agent, path), path)
    }
    let events = try await eventually("the events name the guest") {
      let events = try await curl(agent, "/v1/events?since=0", "--max-time", "2")
      return events.contains("evil") ? events : nil
    }
    expectPrintable(events, "events")
    #expect(!(try await curl(agent, "/metrics")).unicodeScalars.contains(where: Self.unsafe.contains))
    for arguments in [
      ["guests"], ["guests", "-o", "json"], ["routes"], ["health", "app.lan"], ["explain", "app.lan"],
    ] {
      let told = try await Program.run(
        Checkout.product("pvescout"), arguments, environment: ["PVESCOUT_SOCKET": files.socketPath])
      expectPrintable(told.output, arguments.joined(separator: " "))
    }
    expectPrintable(agent.program.errors, "log")
    let environment = try await eventually("the hook ran") { try? String(contentsOfFile: facts, encoding: .utf8) }
    expectPrintable(environment, "hook")
    let request = try await eventually("the webhook was sent") { receiver.requests.first }
    expectPrintable(request.body, "webhook")
    let port = try await ProxyLab.listeningPort(of: agent)
    for form in ["text/plain", "text/html", "application/json"] {
      let page = try await Program.run(
        "/usr/bin/curl", ["-s", "-H", "Host: app.lan", "-H", "Accept: \(form)", "http://127.0.0.1:\(port)/"])
      expectPrintable(page.output, form)
    }
    _ = try await agent.stop()
    await simulator.shutdown()
  }

  private func curl(_ agent: RunningAgent, _ path: String, _ options: String...) async throws -> String {
    try await Program.run(
      "/usr/bin/curl",
      ["-sN", "--unix-socket", agent.files.socketPath] + options + ["http://localhost\(path)"]
    ).output
  }
}
