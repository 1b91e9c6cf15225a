import Foundation
import TestSupport
import Testing

/// The agent stops as requested while clients keep connecting.
@Suite(.serialized, .inTurn) struct ShutdownTests {
  /// `PVESCOUT_TEST_STOPS` increases the number.
  private static let stops = ProcessInfo.processInfo.environment["PVESCOUT_TEST_STOPS"].flatMap { Int($0) } ?? 20

  @Test(.timeLimit(.minutes(120))) func endsWellWhileClientsConnect() async throws {
    let certificate = try TestCertificate()
    let (web, echo) = (try await UpstreamServer(), try await DatagramServer { [$0] })
    for number in 1...Self.stops {
      var files = try AgentFiles(
        routes: [
          "routes.yml": """
          web: {host: \(web.host), port: \(web.port)}
          stream: {host: \(web.host), port: "0:\(web.port)"}
          echo: {host: \(echo.host), port: "0:\(echo.port)", scheme: udp}
          """
        ])
      files.more = """
        proxy:
          http: "127.0.0.1:0"
          https: "127.0.0.1:0"
          certificate: \(certificate.certificateFile)
          key: \(certificate.keyFile)
          drain: 500ms
        """
      let agent = try await RunningAgent.ready(files)
      try await agent.route("web", "is healthy") { $0["health"]["status"] == "healthy" }
      // The files are written at the end, whatever happened to them in the meantime.
      try? FileManager.default.removeItem(atPath: files.directory.file("state"))
      let storm = try await ConnectStorm(try await Self.targets(of: agent))
      #expect(try await agent.stop() == .code(0), "stop \(number): \(agent.program.errors.suffix(4000))")
      for name in ["health.json", "notifications.json"] {
        #expect(
          FileManager.default.fileExists(atPath: files.directory.file("state/\(name)")), "stop \(number): \(name)")
      }
      #expect(!FileManager.default.fileExists(atPath: files.socketPath))
      withExtendedLifetime(storm) {}
    }
  }

  private static func targets(of agent: RunningAgent) async throws -> ConnectStorm.Targets {
    let proxy = try await eventually("the proxy listens") { () async throws -> JSON? in
      let proxy = try await agent.get("/v1")["proxy"]
      return port(proxy["http"]) != nil && port(proxy["https"]) != nil ? proxy : nil
    }
    var streams: [String: UInt16] = [:]
    for alias in ["stream", "echo"] {
      streams[alias] = port(try await agent.route(alias, "listens") { $0["listen"] != .null }["listen"])
    }
    return ConnectStorm.Targets(
      socket: agent.files.socketPath, http: try #require(port(proxy["http"])),
      https: try #require(port(proxy["https"])),
      tcp: try #require(streams["stream"]), udp: try #require(streams["echo"]))
  }

  private static func port(_ address: JSON) -> UInt16? {
    address.string.flatMap { UInt16($0.split(separator: ":").last ?? "") }
  }
}
