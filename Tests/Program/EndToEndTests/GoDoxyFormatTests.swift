import TestSupport
import Testing

/// Route files of GoDoxy users, with features that a naive parser gets wrong.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10))) struct GoDoxyFormatTests {
  private static let routes = """
    x-defaults: &defaults
      scheme: http
      healthcheck: {disable: true}
    app.home.example:
      <<: *defaults
      host: 127.0.0.1
      port: 8080
    merged:
      <<: [*defaults, {host: 127.0.0.2}]
      port: 81
    ssh: {host: 127.0.0.1, port: 2222:22, healthcheck: {disable: true}}
    minutes: {host: 127.0.0.1, port: 22:22, healthcheck: {disable: true}}
    retired-old: {host: 127.0.0.1, port: 80, healthcheck: {disable: true}}
    secure: {host: 127.0.0.1, port: 9443, healthcheck: {disable: true}}
    decorated:
      host: 127.0.0.1
      port: 80
      healthcheck: {disable: true}
      homepage: {name: Decorated, icon: "@selfhst/decorated.svg"}
      middlewares: {redirect_http: {}}
      idlewatcher: {idle_timeout: 1h, proxmox: {node: pve1, vmid: 105}}
    also-decorated: {host: 127.0.0.1, port: 80, homepage: {show: false}, healthcheck: {disable: true}}
    """

  @Test func readsThemAsGoDoxyDoes() async throws {
    let agent = try await RunningAgent.ready(AgentFiles(routes: ["routes.yml": Self.routes]))
    #expect(try await agent.status(of: "/v1/routes/x-defaults") == 404)
    #expect(try await agent.route("app.home.example")["target"] == "http://127.0.0.1:8080")
    #expect(try await agent.route("merged")["target"] == "http://127.0.0.2:81")
    let ssh = try await agent.route("ssh")
    #expect(ssh["pool"] == "stream" && ssh["scheme"] == "tcp" && ssh["target"] == "tcp://127.0.0.1:22", "\(ssh)")
    // YAML 1.1 reads 22:22 in base 60.
    #expect(try await agent.route("minutes")["target"] == "tcp://127.0.0.1:22")
    #expect(try await agent.route("retired-old")["pool"] == "excluded")
    #expect(try await agent.route("secure")["scheme"] == "https")
    #expect(try await agent.route("decorated")["target"] == "http://127.0.0.1:80")
  }

  @Test func namesEachKeyWithoutMeaningOnce() async throws {
    let files = try AgentFiles(routes: ["routes.yml": Self.routes])
    try files.write()
    let checked = try await Program.run(Checkout.product("pvescout"), ["check", "--config", files.configurationPath])
    #expect(checked.status == .code(0), "\(checked)")
    let lines = (checked.output + checked.errors).split(separator: "\n")
    for key in ["homepage", "middlewares.redirect_http"] {
      #expect(lines.filter { $0.contains("warning") && $0.contains(key) }.count == 1, "\(key): \(lines)")
    }
  }
}
