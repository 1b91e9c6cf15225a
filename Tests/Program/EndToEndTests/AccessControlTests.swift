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
      middlewares: {cidr_whitelist: {allow: [127.0.0.0/8]}}
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
    for (alias, key) in [("login", "middlewares.oidc"), ("lan", "middlewares.cidr_whitelist")] {
      let answer = try await lab.get(alias, "/", fields: "Accept: text/html")
      #expect(answer.status == 403 && answer.text.contains("\(key) restricts access"), "\(answer)")
      let route = try await lab.agent.route(alias, "is probed") { $0["health"]["status"] == "healthy" }
      #expect(route["restricted"].string == "\(key) restricts access, which is not enforced here", "\(route)")
      #expect(route["target"] != .null && route["pool"] == "http")
      let explained = try await lab.agent.cli("explain", alias)
      #expect(explained.output.hasLine(with: "access", "failed", "not served", key), "\(explained)")
      #expect(try await lab.agent.cli("routes").output.contains("    not served: \(key) restricts access"))
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
