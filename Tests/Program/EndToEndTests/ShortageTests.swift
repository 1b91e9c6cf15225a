import Foundation
import TestSupport
import Testing

/// An agent that can open nothing more while it runs, neither in libcurl, OpenSSL or the resolver nor by itself.
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
    let shortage = files.directory.file("shortage")
    // A sanitizer has its own library.
    let libraries = [try Checkout.product("libScarceFiles.so"), ProcessInfo.processInfo.environment["LD_PRELOAD"]]
    let agent = try await RunningAgent.ready(
      files,
      environment: ["LD_PRELOAD": libraries.compactMap(\.self).joined(separator: ":"), "SCARCE_FILES": shortage])
    let aliases = ["web", "named", "secure", "stream", "site"]
    for alias in aliases { try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" } }
    try files.directory.write("", to: "shortage")
    // The probes of thirty intervals encounter the shortage.
    let end = ContinuousClock.now + .seconds(6)
    var seen: [[JSON]] = []
    let what = "no check gets a result while the shortage lasts"
    try await eventually(every: .milliseconds(200), what) { () async throws -> Void? in
      seen.append(try await Self.lastChecks(aliases, agent))
      for alias in aliases {
        #expect(try await agent.get("/v1/health/\(alias)")["status"] == "healthy", "\(alias)")
      }
      // Checks that had begun before may end. A folder is looked at without being opened.
      let isWithoutResults = aliases.indices.allSatisfy { index in
        aliases[index] == "site" || Set(seen.suffix(10).map { "\($0[index])" }).count == 1
      }
      return ContinuousClock.now > end && isWithoutResults ? () : nil
    }
    let checked = try #require(seen.last)
    try FileManager.default.removeItem(atPath: shortage)
    try await eventually("the routes are checked again") {
      try await Self.lastChecks(aliases, agent).elementsEqual(checked) { $0 != $1 } ? () : nil
    }
    for alias in aliases { #expect(try await agent.get("/v1/health/\(alias)")["status"] == "healthy") }
    let log = agent.program.errors
    #expect(!log.contains("health.status=unhealthy") && !log.contains("health.status=error"), "\(log)")
    #expect(try await agent.stop() == .code(0))
  }

  private static func lastChecks(_ aliases: [String], _ agent: RunningAgent) async throws -> [JSON] {
    var checks: [JSON] = []
    for alias in aliases { checks.append(try await agent.get("/v1/health/\(alias)")["last_checked"]) }
    return checks
  }
}
