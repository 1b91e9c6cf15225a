import TestSupport
import Testing

/// Routes whose access control is not enforced, through the real program.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(5))) struct AccessControlTests {
  private static func routes(_ upstream: EchoUpstream) -> String {
    """
    x-service: &service {host: \(upstream.host), port: \(upstream.port), scheme: http}
    login:
      <<: *service
      middlewares:
        oidc: {allowed_users: [me]}
    lan:
      <<: *service
      middlewares: {cidr_whitelist: {allow: [127.0.0.0/8]}, real_ip: {}}
    opened:
      <<: *service
      rules: [{name: default, do: pass}]
      ignore_access_control: true
    harmless:
      <<: *service
      middlewares: {redirect_http: , set_x_forwarded: }
    db: {host: \(upstream.host), port: "0:\(upstream.port)", rule_file: embed://x.yml}
    """
  }

  @Test func areProbedAndNotServed() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(routes: Self.routes(upstream))
    for (alias, key) in [("login", "middlewares.oidc"), ("lan", "middlewares.cidr_whitelist and middlewares.real_ip")] {
      let answer = try await lab.get(alias, "/", fields: "Accept: text/html")
      #expect(answer.status == 403 && answer.text.contains("\(key) restrict"), "\(answer)")
      let route = try await lab.agent.route(alias, "is probed") { $0["health"]["status"] == "healthy" }
      #expect(route["restricted"].string?.hasPrefix("\(key) restrict") == true, "\(route)")
      #expect(route["target"] != .null && route["pool"] == "http")
      let explained = try await lab.agent.cli("explain", alias)
      #expect(explained.output.hasLine(with: "access", "failed", "not served", key), "\(explained)")
      #expect(try await lab.agent.cli("routes").output.contains("    not served: \(key) restrict"))
    }
    for alias in ["opened", "harmless"] {
      #expect(try await lab.get(alias).status == 200)
      #expect(try await lab.agent.route(alias)["restricted"] == .null)
    }
    let stream = try await lab.agent.route("db")
    #expect(stream["pool"] == "stream" && stream["listen"] == .null, "\(stream)")
    #expect(stream["restricted"].string?.hasPrefix("rule_file restricts") == true, "\(stream)")
    #expect(upstream.requests.filter { $0.method != "HEAD" }.count == 2)
  }

  /// `cidr_whitelist` is enforced: for HTTP, with what a trusted proxy says, and for streams.
  @Test func networksThatAreNotAllowedAreRefused() async throws {
    let upstream = try await EchoUpstream()
    let echo = try await RawServer { connection in try await connection.send(try await connection.takeAll()) }
    let datagrams = try await DatagramServer { [$0] }
    func allow(_ networks: String, _ more: String = "") -> String {
      "middlewares: {cidr_whitelist: {allow: [\(networks)]\(more)}}"
    }
    let service = "host: \(upstream.host), port: \(upstream.port), scheme: http"
    let lab = try await ProxyLab.start(
      routes: """
        open: {\(service), \(allow("127.0.0.0/8, 192.0.2.0/24"))}
        closed: {\(service), \(allow("192.0.2.0/24", ", status_code: 404, message: Not for you"))}
        stream: {host: \(echo.host), port: "0:\(echo.port)", \(allow("127.0.0.1"))}
        barred: {host: \(echo.host), port: "0:\(echo.port)", \(allow("192.0.2.1"))}
        silent: {host: \(datagrams.host), port: "0:\(datagrams.port)", scheme: udp, \(allow("192.0.2.1"))}
        """, settings: ", trusted_proxies: [127.0.0.1]")
    #expect(try await lab.get("open").status == 200)
    #expect(try await lab.get("closed", "/", fields: "X-Forwarded-For: 192.0.2.9").status == 200)
    #expect(try await lab.get("open", "/", fields: "X-Forwarded-For: 198.51.100.1").status == 403)
    let refused = try await lab.get("closed")
    #expect(refused.status == 404 && refused.text.contains("Not for you"), "\(refused)")
    for (alias, isServed) in [("stream", true), ("barred", false)] {
      let connection = try await RawConnection.connect(to: try await lab.streamPort(alias))
      try? await connection.send("hello")
      try? await connection.finish()
      #expect(try await connection.takeAll() == (isServed ? Array("hello".utf8) : []), "\(alias)")
    }
    let (client, port) = (try await DatagramServer(host: "127.0.0.1") { _ in [] }, try await lab.streamPort("silent"))
    try await eventually("the datagram is refused") { () -> Void? in
      try await client.send("hello", to: "127.0.0.1", Int(port))
      let metrics = try await Program.run(
        "/usr/bin/curl", ["-s", "--unix-socket", lab.agent.files.socketPath, "http://localhost/metrics"]
      ).output
      return metrics.contains("route=\"silent\",provider=\"file:routes\",reason=\"not_allowed\"") ? () : nil
    }
    #expect(upstream.requests.filter { $0.method == "GET" }.count == 2 && datagrams.received.isEmpty)
  }

  @Test func areListedByCheckWithTheirPlaces() async throws {
    let upstream = try await EchoUpstream()
    let files = try AgentFiles(routes: ["routes.yml": Self.routes(upstream)])
    try files.write()
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(checked.status == .code(0), "\(checked)")
    let lines = checked.output.split(separator: "\n").map(String.init)
    for (alias, key) in [("login", "oidc"), ("lan", "cidr_whitelist"), ("db", "rule_file")] {
      let line = lines.filter { $0.contains("route '\(alias)' is not served") }
      #expect(line.count == 1 && line[0].contains(key) && line[0].contains("warning: "), "\(lines)")
      let place = line.first?.split(separator: ":").dropFirst().prefix(2).compactMap { Int($0) }
      #expect(place?.count == 2, "\(line)")
    }
    #expect(!lines.contains { $0.contains("route 'opened'") || $0.contains("route 'harmless'") })
  }
}
