import TestSupport
import Testing

/// An agent whose limit of open files is lowered at run time: no probe can open anything, neither in libcurl, OpenSSL
/// or the resolver nor by itself.
@Suite(.serialized, .inTurn) struct ShortageTests {
  @Test(.timeLimit(.minutes(10))) func aShortageOfTheAgentIsNoFailureOfARoute() async throws {
    let (web, echo) = (try await UpstreamServer(), try await DatagramServer { [$0] })
    let certificate = try TestCertificate()
    let secure = try await ScriptedServer(certificate: certificate)
    var files = try AgentFiles(routes: [:])
    files.routes["routes.yml"] = """
      web: {host: \(web.host), port: \(web.port)}
      named: {host: localhost, port: \(secure.port), scheme: https,
        ssl_trusted_certificate: \(certificate.certificateFile)}
      secure: {host: 127.0.0.1, port: \(secure.port), scheme: https,
        ssl_trusted_certificate: \(certificate.certificateFile)}
      stream: {host: \(web.host), port: "0:\(web.port)"}
      echo: {host: \(echo.host), port: "0:\(echo.port)", scheme: udp}
      site: {scheme: fileserver, root: \(files.directory.path)}
      """
    files.health = "{interval: 200ms, timeout: 30s, unhealthy_after: 1}"
    let agent = try await RunningAgent.ready(files)
    let aliases = ["web", "named", "secure", "stream", "site"]
    for alias in aliases { try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" } }
    // The connection is opened in advance, because the socket accepts no other one now.
    let control = try await RawConnection.connect(unixSocket: files.socketPath)
    try await Self.allow(8, to: agent)
    // The probes of thirty intervals encounter the shortage.
    let end = ContinuousClock.now + .seconds(6)
    try await eventually(every: .milliseconds(200), "the shortage lasts") { () async throws -> Void? in
      for alias in aliases {
        let status = try await Self.status(of: alias, over: control)
        #expect(status == "healthy", "\(alias)")
      }
      return ContinuousClock.now > end ? () : nil
    }
    try await Self.allow(1024, to: agent)
    let checked = try await Self.lastChecks(aliases, agent)
    try await eventually("the routes are checked again") {
      try await Self.lastChecks(aliases, agent).elementsEqual(checked) { $0 != $1 } ? () : nil
    }
    for alias in aliases { #expect(try await agent.get("/v1/health/\(alias)")["status"] == "healthy") }
    let log = agent.program.errors
    #expect(!log.contains("health.status=unhealthy") && !log.contains("health.status=error"), "\(log)")
    #expect(try await agent.stop() == .code(0))
  }

  /// Changes the limit of open files of a running program; open ones stay open.
  private static func allow(_ descriptors: Int, to agent: RunningAgent) async throws {
    let process = String(agent.program.processID)
    let limited = try await Program.run("/usr/bin/prlimit", ["--pid", process, "--nofile=\(descriptors):"])
    try #require(limited.status == .code(0), "\(limited)")
  }

  private static func status(of alias: String, over control: RawConnection) async throws -> JSON {
    try await control.send("GET /v1/health/\(alias) HTTP/1.1\r\nHost: x\r\n\r\n")
    let response = try #require(try await control.response())
    return try JSON(parsing: response.body)["status"]
  }

  private static func lastChecks(_ aliases: [String], _ agent: RunningAgent) async throws -> [JSON] {
    var checks: [JSON] = []
    for alias in aliases { checks.append(try await agent.get("/v1/health/\(alias)")["last_checked"]) }
    return checks
  }
}
