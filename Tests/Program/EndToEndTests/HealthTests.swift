import TestSupport
import Testing

/// The reported health of services that start, stop, hang and misbehave; needs no cluster.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct HealthTests {
  private func start(_ routes: String, health: String) async throws -> RunningAgent {
    var files = try AgentFiles(routes: ["routes.yml": routes])
    files.health = health
    return try await RunningAgent.start(files)
  }

  private func health(
    _ agent: RunningAgent, _ alias: String, _ what: String, where condition: (JSON) -> Bool
  ) async throws -> JSON {
    let path = "/v1/health/\(alias)"
    var last = JSON.null
    return try await eventually("\(alias) \(what); it is \(last)") {
      last = try await agent.get(path)
      return condition(last) ? last : nil
    }
  }

  /// The exact numbers of failures and successes: one failure less causes no change.
  @Test func isUnhealthyAfterExactlySoManyChecksAndHealthyAgainAfterSoMany() async throws {
    let (patient, sick) = (try await UpstreamServer(), try await UpstreamServer())
    let routes = """
      patient: {host: \(patient.host), port: \(patient.port)}
      sick: {host: \(sick.host), port: \(sick.port)}
      """
    let agent = try await start(
      routes, health: "{interval: 100ms, timeout: 60s, healthy_after: 2, unhealthy_after: 4}")
    for alias in ["patient", "sick"] {
      try await agent.route(alias, "is healthy") { $0["health"]["status"] == "healthy" }
    }
    let events = try await EventStream(of: agent, query: "?type=health.changed")
    patient.answer(next: Array(repeating: .status(503), count: 3))
    sick.answer(next: Array(repeating: .status(503), count: 4) + [.status(200), .status(503)])
    let down = try await events.wait(for: "health.changed", aboutRoute: "sick")
    #expect(down.data["after"]["status"] == "unhealthy", "\(down)")
    #expect(down.data["cause"].string?.hasPrefix("answers 503 after ") == true, "\(down)")
    try await events.wait(for: "health.changed") { $0["alias"] == "sick" && $0["after"]["status"] == "healthy" }
    let seen = (patient.requests.count, sick.requests.count)
    try await eventually("both are asked on") {
      patient.requests.count > seen.0 + 8 && sick.requests.count > seen.1 + 8 ? true : nil
    }
    let told = events.received.map { "\($0.data["alias"].string ?? "") \($0.data["after"]["status"].string ?? "")" }
    #expect(told == ["sick unhealthy", "sick healthy"])
  }

  @Test func aTargetThatIsKilledComesBackByItself() async throws {
    let server = try await UpstreamServer()
    let agent = try await start(
      "plex: {host: \(server.host), port: \(server.port)}", health: "{interval: 1s, timeout: 60s}")
    _ = try await health(agent, "plex", "is healthy") { $0["status"] == "healthy" && $0["uptime_ms"].int ?? 0 > 0 }
    try await server.stop()
    let down = try await health(agent, "plex", "is unhealthy") { $0["status"] == "unhealthy" }
    #expect(down["cause"] == .string("connection refused on \(server.host):\(server.port)"))
    #expect(down["uptime_ms"] == 0)
    try await server.start()
    let up = try await health(agent, "plex", "is healthy again") { $0["status"] == "healthy" }
    #expect(up["cause"] == .null)
    #expect(up["latency"]["recent_us"].elements.contains(.null), "the failed checks stay to be seen")
    #expect(up["uptime"]["1h"] != .null && up["uptime"]["1h"] != 1)
  }

  @Test func aTargetThatHangsDelaysNobody() async throws {
    let (slow, quick) = (try await UpstreamServer(answer: .silence), try await UpstreamServer())
    let routes = """
      slow: {host: \(slow.host), port: \(slow.port), healthcheck: {timeout: 10m}}
      quick: {host: \(quick.host), port: \(quick.port)}
      """
    let agent = try await start(routes, health: "{interval: 100ms, timeout: 60s}")
    try await eventually("the slow one is asked") { slow.requests.isEmpty ? nil : true }
    let before = quick.requests.count
    try await eventually("the quick one is asked on") { quick.requests.count > before + 20 ? true : nil }
    #expect(slow.requests.count == 1, "one check of a route at a time")
    #expect(try await agent.route("slow")["health"]["status"] == "unknown")
  }

  @Test func saysThatAServiceComesAndGoes() async throws {
    let server = try await UpstreamServer()
    let agent = try await start(
      "plex: {host: \(server.host), port: \(server.port), healthcheck: {retries: 1}}",
      health: "{interval: 100ms, timeout: 60s}")
    _ = try await health(agent, "plex", "is healthy") { $0["status"] == "healthy" }
    server.answer(next: [.status(500), .status(200), .status(500), .status(200), .status(500)])
    let flapping = try await health(agent, "plex", "flaps") { $0["flapping"] == true }
    #expect(flapping["detail"].string?.hasPrefix("flapping, ") == true, "\(flapping)")
    #expect(try await agent.cli("health").output.hasLine(with: "plex", "flapping, "))
  }

  @Test func asksUDPServicesWhatTheRouteSays() async throws {
    let server = try await DatagramServer { $0 == [0x70, 0x00] ? [Array("pong".utf8)] : [Array("what?".utf8)] }
    let udp = "host: \(server.host), port: \"0:\(server.port)\", scheme: udp"
    let routes = """
      asked: {\(udp), healthcheck: {payload: "hex:70 00", expected_answer: pong}}
      wrong: {\(udp), healthcheck: {payload: hello, expected_answer: pong, timeout: 200ms}}
      mute: {\(udp)}
      """
    let agent = try await start(routes, health: "{interval: 200ms, timeout: 60s}")
    _ = try await health(agent, "asked", "is healthy") { $0["status"] == "healthy" }
    // An answer that comes too late for a check has another cause.
    _ = try await health(agent, "wrong", "is unhealthy for its answer") {
      $0["status"] == "unhealthy" && $0["cause"].string?.contains("waiting for the expected answer") == true
    }
    let mute = try await health(agent, "mute", "is told of") { $0["detail"] != "not checked yet" }
    #expect(mute["status"] == "unknown")
    #expect(mute["detail"] == "UDP cannot be checked without a payload")
  }

  @Test func explainsWhereTheTimeGoesAndHowLongTheCertificateHolds() async throws {
    let server = try await UpstreamServer(certificate: try TestCertificate())
    let agent = try await start(
      "cloud: {host: \(server.host), port: \(server.port), scheme: https, no_tls_verify: true}",
      health: "{interval: 200ms, timeout: 60s}")
    _ = try await health(agent, "cloud", "is healthy") { $0["status"] == "healthy" }
    let explained = try await agent.get("/v1/routes/cloud/explain")["health"]
    #expect(explained["certificate_days_left"] == 1)
    #expect(explained["phases_us"]["first_byte"].int ?? 0 > 0, "\(explained)")
    #expect(explained["latency"]["p99_us"].int ?? 0 > 0)
    let told = try await agent.cli("explain", "cloud").output
    #expect(told.hasLine(with: "phases", "first byte"), "\(told)")
    #expect(told.hasLine(with: "certificate", "1 day left"), "\(told)")
  }

  @Test func keepsAHistoryOverARestartForTheSameServiceAlone() async throws {
    let (server, other) = (try await UpstreamServer(), try await UpstreamServer())
    let agent = try await start(
      "plex: {host: \(server.host), port: \(server.port)}\nwiki: {host: \(server.host), port: \(server.port)}",
      health: "{interval: 100ms, timeout: 60s}")
    let before = try await health(agent, "plex", "has a history") { $0["latency"]["recent_us"].elements.count > 10 }
    #expect(try await agent.stop() == .code(0))

    var files = agent.files
    files.routes = [
      "routes.yml": """
      plex: {host: \(server.host), port: \(server.port)}
      wiki: {host: \(other.host), port: \(other.port)}
      """
    ]
    let again = try await RunningAgent.start(files)
    // Read first, so that the other one has had more time, not less.
    let stranger = try await health(again, "wiki", "is healthy") { $0["status"] == "healthy" }
    let kept = try await health(again, "plex", "is healthy") { $0["status"] == "healthy" }
    #expect(kept["latency"]["recent_us"].elements.count > 10)
    #expect(kept["uptime"]["30d"] != .null)
    #expect(kept["uptime_ms"].int ?? 0 > before["uptime_ms"].int ?? 0, "the service did not stop with the agent")
    #expect(stranger["uptime_ms"].int ?? .max < kept["uptime_ms"].int ?? 0, "\(stranger)")
  }
}
