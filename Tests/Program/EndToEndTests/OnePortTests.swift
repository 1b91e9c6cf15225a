import TestSupport
import Testing

/// Two listeners on one port: the proxy gets it, or else the earlier route, and the agent starts anyway.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct OnePortTests {
  private func check(_ files: AgentFiles) async throws -> Program.Finished {
    try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
  }

  /// A free port on the addresses that only these tests use.
  private func freePort() async throws -> UInt16 { try await UpstreamServer().port }

  /// Waits until it has: a test beside this one may hold the port on all addresses for a moment, and the agent tries again.
  private static func proxyHas(_ port: UInt16, _ agent: RunningAgent) async throws {
    try await eventually("the proxy has its port; the agent said:\n\(agent.program.errors)") {
      try await agent.get("/v1")["proxy"]["http"] == .string("127.0.0.77:\(port)") ? () : nil
    }
  }

  @Test func aRouteOnAPortOfTheProxyIsExcluded() async throws {
    let port = try await freePort()
    var files = try AgentFiles(routes: ["routes.yml": "ssh: {host: 127.0.0.1, port: \"\(port):22\"}\n"])
    files.more = "proxy: {http: \"127.0.0.77:\(port)\"}"
    try files.write()
    let words = "cannot listen on tcp 127.0.0.77:\(port): proxy.http listens"
    let checked = try await check(files)
    #expect(checked.status == .code(0), "\(checked)")
    #expect(checked.output.hasLine(with: "routes.yml:1:1: warning: route 'ssh' is excluded", words), "\(checked)")

    let agent = try await RunningAgent.ready(files)
    let route = try await agent.route("ssh")
    #expect(route["pool"] == "excluded" && route["listen"] == .null, "\(route)")
    #expect(route["excluded_reason"].string?.contains(words) == true, "\(route)")
    try await Self.proxyHas(port, agent)
    #expect(try await agent.post("/v1/reload").status == 200)
    #expect(agent.program.exitStatus == nil)

    // A reload that moves the proxy frees the port, and one that moves it back takes it again.
    files.more = "proxy: {http: \"127.0.0.77:0\"}"
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await agent.route("ssh", "listens") { $0["listen"] == .string("127.0.0.77:\(port)") }
    files.more = "proxy: {http: \"127.0.0.77:\(port)\"}"
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await agent.route("ssh", "is excluded again") { $0["pool"] == "excluded" }
    try await Self.proxyHas(port, agent)
    try await eventually("nothing is in trouble") { try await agent.cli("status").status == .code(0) ? () : nil }
  }

  @Test func theLaterOfTwoRoutesOnOnePortIsExcluded() async throws {
    let port = try await freePort()
    var files = try AgentFiles(routes: [
      "routes.yml": "one: {host: 127.0.0.1, port: \"\(port):22\"}\ntwo: {host: 127.0.0.1, port: \"\(port):23\"}\n"
    ])
    files.more = "proxy: {http: \"127.0.0.78:0\"}"
    try files.write()
    #expect(
      try await check(files).output.hasLine(with: "routes.yml:2:1: warning: route 'two' is excluded", "route 'one'"))
    let agent = try await RunningAgent.ready(files)
    try await agent.route("one", "listens") { $0["listen"] == .string("127.0.0.78:\(port)") }
    #expect(try await agent.route("two")["pool"] == "excluded")
    // The route becomes active when the other one is removed.
    try files.directory.write("two: {host: 127.0.0.1, port: \"\(port):23\"}\n", to: "routes.yml")
    #expect(try await agent.post("/v1/reload").status == 200)
    try await agent.route("two", "listens") { $0["listen"] == .string("127.0.0.78:\(port)") }
  }

  /// As written by GoDoxy users: `scheme: tcp, port: "443:1443"` beside `https` on 443.
  @Test func tlsOnThePortOfHTTPSIsPassedThrough() async throws {
    let certificate = try TestCertificate(names: ["DNS:pass.lab.test"])
    let own = try TestCertificate(names: ["DNS:*.lab.test"])
    let secure = try await UpstreamServer(certificate: certificate, answer: .status(200, body: "passed"))
    let plain = try await UpstreamServer(answer: .status(200, body: "ended"))
    let port = try await freePort()
    var files = try AgentFiles(routes: [
      "routes.yml": """
      pass: {host: \(secure.host), scheme: tcp, port: "\(port):\(secure.port)"}
      web: {host: \(plain.host), port: \(plain.port), scheme: http}
      """
    ])
    files.more =
      "proxy: {https: \"127.0.0.79:\(port)\", certificate: \(own.certificateFile), key: \(own.keyFile)}"
    try files.write()
    #expect(try await check(files).status == .code(0))
    let agent = try await RunningAgent.ready(files)
    try await agent.route("pass", "has its target") { $0["target"] != .null && $0["pool"] == "stream" }
    func visit(_ name: String, trusting certificate: TestCertificate) async throws -> String {
      try await Program.run(
        "/usr/bin/curl",
        [
          "--silent", "--show-error", "--max-time", "170", "--cacert", certificate.certificateFile, "--resolve",
          "\(name).lab.test:\(port):127.0.0.79", "https://\(name).lab.test:\(port)/",
        ]
      ).output
    }
    #expect(try await visit("pass", trusting: certificate) == "passed")
    #expect(try await visit("web", trusting: own) == "ended")
    let explained = try await agent.cli("explain", "pass")
    #expect(explained.output.hasLine(with: "note", "passed through on tcp 127.0.0.79:\(port)"), "\(explained)")
  }

  @Test func aPortThatAnotherProgramHasIsToldEverywhereAndTriedAgain() async throws {
    let holder = try await UpstreamServer(host: "127.0.0.1")
    var files = try AgentFiles(routes: ["routes.yml": "ssh: {host: 127.0.0.1, port: \"\(holder.port):22\"}"])
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let agent = try await RunningAgent.ready(files)
    let words = "tcp 127.0.0.1:\(holder.port): Address already in use"
    let route = try await agent.route("ssh", "cannot listen") { $0["listen_error"] != .null }
    #expect(route["listen"] == .null && route["listen_error"].string?.contains(words) == true, "\(route)")
    #expect(try await agent.cli("routes").output.hasLine(with: "ssh", "cannot listen: \(words)"))
    let ready = try await agent.send("/readyz")
    #expect(ready.status == 200 && ready.body["problems"].description.contains(words), "\(ready)")
    #expect(ready.body["listeners"].first(where: "name", is: "route ssh")["error"].string?.contains(words) == true)
    let status = try await agent.cli("status")
    #expect(status.status == .code(1) && status.output.hasLine(with: "route ssh cannot listen", words), "\(status)")
    let metrics = try await Program.run(
      "/usr/bin/curl", ["-s", "--unix-socket", files.socketPath, "http://localhost/metrics"])
    #expect(metrics.output.contains("pvescout_listener_up{listener=\"route ssh\"} 0"), "\(metrics.output)")
    #expect(metrics.output.contains("pvescout_listener_up{listener=\"proxy.http\"} 1"), "\(metrics.output)")

    try await holder.stop()
    try await agent.route("ssh", "listens") { $0["listen"] == .string("127.0.0.1:\(holder.port)") }
    #expect(try await agent.route("ssh")["listen_error"] == .null)
    #expect(try await agent.cli("status").status == .code(0))
    #expect(agent.program.exitStatus == nil)
  }

  @Test func aProxyThatCannotMoveSaysSoAndTriesAgain() async throws {
    let holder = try await UpstreamServer()
    var files = try AgentFiles()
    files.more = "proxy: {http: \"127.0.0.1:0\"}"
    let agent = try await RunningAgent.ready(files)
    files.more = "proxy: {http: \"\(holder.host):\(holder.port)\"}"
    try files.write()
    #expect(try await agent.post("/v1/reload").status == 200)
    try await eventually("status names it") {
      let status = try await agent.cli("status")
      return status.status == .code(1) && status.output.hasLine(with: "proxy.http cannot listen", "\(holder.port)")
        ? () : nil
    }
    try await holder.stop()
    try await eventually("it has moved") {
      try await agent.get("/v1")["proxy"]["http"] == .string("\(holder.host):\(holder.port)") ? () : nil
    }
    #expect(try await agent.cli("status").status == .code(0))
  }
}
