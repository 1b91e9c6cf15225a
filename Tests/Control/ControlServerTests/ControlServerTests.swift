import ControlAPI
import ControlClient
import ControlServer
import Foundation
import HTTPTransport
import RouteModel
import RouteRegistry
import Testing

@Suite(.timeLimit(.minutes(5))) struct ControlServerTests {
  @Test func reportsItsNameAndVersion() async throws {
    let info = try await withServer { client, _ in try await client.info().value }
    #expect(info.name == "pvescout")
    #expect(info.api == "v1")
    #expect(info.startedAt == Date(timeIntervalSince1970: 1_700_000_000))
    #expect(info.generation == 1)
    #expect(info.routes == ["http": 2, "stream": 1, "excluded": 1])
  }

  @Test func writesARouteWithEveryKeyAndExplicitNulls() async throws {
    let body = try await withServer { client, _ in try await client.route("plex").body }
    let object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "key", "alias", "provider", "pool", "scheme", "listen", "listen_error", "target", "excluded_reason",
        "restricted",
        "link",
        "health",
        "control",
      ])
    #expect(object["listen"] is NSNull)
    #expect(object["excluded_reason"] is NSNull && object["restricted"] is NSNull && object["control"] is NSNull)
    let link = try #require(object["link"] as? [String: Any])
    #expect(
      Set(link.keys) == [
        "state", "kind", "cluster", "node", "vmid", "name", "guest_type", "guest_status", "matched_by", "matched",
      ])
    #expect(link["vmid"] as? Int == 105)
    let health = try #require(object["health"] as? [String: Any])
    #expect(Set(health.keys) == ["status", "uptime_ms", "latency_us", "detail"])
    #expect(String(decoding: body, as: UTF8.self).contains("http://127.0.2.5:32400"))
  }

  @Test(
    arguments: [
      (ListenerState.listening("127.0.0.1:2222"), "127.0.0.1:2222", "chosen"),
      (.failed("tcp 127.0.0.1:22: Permission denied"), nil, "failed"),
    ] as [(ListenerState, String?, String)])
  func saysWhereAStreamListens(_ listener: ListenerState, _ listen: String?, _ outcome: String) async throws {
    let agent = StubAgent()
    agent.set(listener, for: try #require(agent.registry.snapshot.entry("ssh")).route.id)
    let (route, steps) = try await withServer(agent) { client, _ in
      (try await client.route("ssh").value, try await client.explain("ssh").value.steps)
    }
    #expect(route.listen == listen)
    #expect(steps.last?.step == "listen" && steps.last?.outcome == outcome)
  }

  @Test func saysWhyARouteIsNotLinked() async throws {
    let route = try await withServer { client, _ in try await client.route("ssh").value }
    #expect(route.link == .unlinked(reason: "no_match", detail: "nothing matches"))
    #expect(route.target == nil)
  }

  @Test(arguments: ["plex", "PLEX", "excluded:file:routes.d/media:plex"])
  func findsARouteByAliasOrKey(_ name: String) async throws {
    let route = try await withServer { client, _ in try await client.route(name).value }
    #expect(route.pool == (name.contains(":") ? "excluded" : "http"))
  }

  @Test func acceptsAKeyWithAnUnencodedSlash() async throws {
    try await withServer { _, socket async throws in
      let path = "/v1/routes/excluded:file:routes.d/media:plex"
      #expect(try await send(.get, path, to: socket.path).status == 200)
      #expect(try await send(.get, path + "/explain", to: socket.path).status == 200)
    }
  }

  @Test(arguments: [
    ("", ["plex", "excluded:file:routes.d/media:plex", "pve-ui", "ssh"]),
    ("?pool=stream", ["ssh"]),
    ("?pool=stream&pool=excluded", ["excluded:file:routes.d/media:plex", "ssh"]),
    ("?status=healthy", ["plex"]),
    ("?provider=file%3Aroutes.d%2Fmedia", ["excluded:file:routes.d/media:plex"]),
    ("?node=pve1&pool=http", ["plex", "pve-ui"]),
    ("?vmid=105", ["plex", "excluded:file:routes.d/media:plex"]),
    ("?vmid=0", ["pve-ui"]),
    ("?cluster=elsewhere", []),
  ])
  func filtersRoutes(_ query: String, _ keys: [String]) async throws {
    let body = try await withServer { _, socket in try await send(.get, "/v1/routes\(query)", to: socket.path).body }
    #expect(try WireFormat.decode(RouteList.self, from: body).routes.map(\.key) == keys)
  }

  @Test func groupsRoutesByProvider() async throws {
    let list = try await withServer { client, _ in try await client.providers().value }
    #expect(list.providers.mapValues(\.count) == ["file:routes": 3, "file:routes.d/media": 1])
  }

  @Test func explainsARoute() async throws {
    let explanation = try await withServer { client, _ in try await client.explain("plex").value }
    #expect(explanation.declaredAt == "routes.yml:3:1")
    #expect(explanation.steps.map(\.outcome) == ["matched"])
    #expect(explanation.health.status == "healthy")
  }

  @Test func looksUpAndShowsAnAmbiguityAsAnAnswer() async throws {
    try await withServer { client, _ async throws in
      let found = try await client.lookup(address: "127.0.2.5").value
      #expect(found.link.resource?.vmid == 105)
      #expect(!found.steps.isEmpty)
      let twins = try await client.lookup(alias: "twin").value
      guard case .ambiguous(let candidates, _) = twins.link else {
        Issue.record("wanted an ambiguity, found \(twins.link)")
        return
      }
      #expect(candidates.map(\.vmid) == [106, 107])
    }
  }

  @Test func reportsHealthInThreeViews() async throws {
    try await withServer { client, socket async throws in
      #expect(try await client.health().value.health["plex"]?.latencyMicroseconds == 950)
      let summary = try await send(.get, "/v1/health?view=summary", to: socket.path).body
      let summaries = try WireFormat.decode(HealthList<HealthSummary>.self, from: summary)
      #expect(summaries.health["pve-ui"]?.status == "unhealthy")
      #expect(!String(decoding: summary, as: UTF8.self).contains("detail"))
      let bare = try await send(.get, "/v1/health?view=status", to: socket.path).body
      #expect(try WireFormat.decode(HealthList<String>.self, from: bare).health["ssh"] == "unknown")
    }
  }

  @Test func reportsTheHistoryOfEveryRoute() async throws {
    try await withServer { client, socket async throws in
      let health = try await client.healthHistory().value.health
      let plex = try #require(health["plex"])
      #expect((plex.status, plex.isFlapping, plex.certificateDaysLeft) == ("healthy", false, 12))
      #expect(plex.phases?.connect == 120 && plex.phases?.firstByte == 830 && plex.phases?.tls == nil)
      #expect(plex.uptime.hour == 1 && plex.uptime.month == 1)
      #expect(plex.latency.recent == [950, nil])
      #expect(plex.uptimeByHour.count == 24)
      #expect(try await client.health("plex").value.latency == plex.latency)
      let sick = try #require(health["pve-ui"])
      #expect(sick.isFlapping && sick.certificateDaysLeft == nil && sick.phases == nil)
      #expect(sick.detail == "flapping, 6 changes in 10 min: connection refused")
      #expect(sick.uptime == UptimeRatios())
      // Every key is present, for scripts that do not know which may be missing.
      let body = try await send(.get, "/v1/health/pve-ui", to: socket.path).body
      let object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
      #expect(
        Set(object.keys) == [
          "key", "alias", "target", "status", "uptime_ms", "latency_us", "detail", "since", "last_checked", "cause",
          "flapping", "certificate_days_left", "phases_us", "uptime", "latency", "uptime_24h",
          "observed_ms",
        ])
      #expect(Set((object["uptime"] as? [String: Any] ?? [:]).keys) == ["1h", "24h", "7d", "30d"])
      #expect(Set((object["latency"] as? [String: Any] ?? [:]).keys) == ["p50_us", "p95_us", "p99_us", "recent_us"])
    }
  }

  @Test func reportsTheCompleteHealthOfOneRoute() async throws {
    let health = try await withServer { client, _ in try await client.health("pve-ui").value }
    #expect(health.cause == "connection refused")
    #expect(health.lastChecked == nil)
    #expect(health.since == Date(timeIntervalSince1970: 1_700_000_050))
  }

  @Test func listsTheInventoryWithItsFreshness() async throws {
    try await withServer { client, _ async throws in
      let cluster = try #require(try await client.clusters().value.clusters.first)
      #expect((cluster.nodes, cluster.guests, cluster.stale) == (2, 3, false))
      let nodes = try await client.nodes().value.nodes
      #expect(nodes.map(\.error) == [nil, "node unreachable"])
      #expect(nodes.map(\.stale) == [false, true])
      let guest = try #require(try await client.guests().value.guests.first)
      #expect((guest.vmid, guest.addresses, guest.tags) == (105, ["127.0.2.5"], ["media"]))
    }
  }

  @Test func isAliveAndReadyWhenEverythingWasRead() async throws {
    try await withServer { client, socket async throws in
      #expect(try await send(.get, "/livez", to: socket.path).status == 200)
      #expect(try await send(.get, "/readyz", to: socket.path).status == 200)
      #expect(try await client.readiness().value.clusters.map(\.ready) == [true])
    }
  }

  @Test func isAliveButNotReadyWhileAClusterIsPending() async throws {
    let readiness = Readiness(
      providers: [.init(name: ProviderName("file:routes"), isLoaded: false, routes: 0, problems: [.sample])],
      problems: [], pendingClusters: [(name: "home", error: "connection refused")])
    try await withServer(StubAgent(readiness: readiness)) { client, socket async throws in
      #expect(try await send(.get, "/livez", to: socket.path).status == 200)
      #expect(try await send(.get, "/readyz", to: socket.path).status == 503)
      let answer = try await client.readiness().value
      #expect(answer.providers.first?.problems == ["routes.yml:2:7: unknown key"])
      #expect(answer.clusters.first?.error == "connection refused")
    }
  }

  @Test func separatesTheProblemsOfARefusedReload() async throws {
    var readiness = Readiness.ready
    readiness.problems = [Problem(.warning, at: Problem.sample.location, "a file is missing")]
    readiness.refused = [.sample]
    try await withServer(StubAgent(readiness: readiness)) { client, _ async throws in
      let answer = try await client.readiness().value
      #expect(
        answer.problems.prefix(2) == ["routes.yml:2:7: warning: a file is missing", "routes.yml:2:7: unknown key"])
      #expect(answer.refused == ["routes.yml:2:7: unknown key"])
      #expect(answer.clusters.map(\.stale) == [false])
    }
  }

  @Test func reloads() async throws {
    let agent = StubAgent()
    let answer = try await withServer(agent) { client, _ in try await client.reload().value }
    #expect(answer.generation == 7)
    #expect(agent.reloads == 1)
  }

  @Test func reportsEveryProblemOfARefusedReload() async throws {
    let agent = StubAgent()
    agent.set(outcome: .refused([.sample]))
    let error = await #expect(throws: ControlClientError.self) {
      _ = try await withServer(agent) { client, _ in try await client.reload() }
    }
    guard case .api(422, let answer) = error else {
      Issue.record("wanted 422, found \(String(describing: error))")
      return
    }
    #expect(answer.error.code == "reload_refused")
    #expect(answer.problems == ["routes.yml:2:7: unknown key"])
    // `check` may see other files if it is run by another user.
    #expect(answer.error.hint == "mend them and reload again; until then 'pvescout status' shows the same list")
  }

  @Test func reportsFailedListenersAndRoutesWithoutTarget() async throws {
    let agent = StubAgent()
    let id = RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias("ssh"))
    agent.set(.failed("tcp 127.0.0.1:2222: in use"), for: id)
    try await withServer(agent) { client, socket async throws in
      let answer = try await client.readiness().value
      #expect(answer.ready && !answer.isSound)
      #expect(answer.listeners == [.init(name: "route ssh", error: "tcp 127.0.0.1:2222: in use")])
      #expect(answer.problems.first == "route ssh cannot listen: tcp 127.0.0.1:2222: in use")
      #expect(
        answer.problems.last?.hasSuffix("route 'ssh' has no target: nothing matches") == true, "\(answer.problems)")
      let metrics = String(decoding: try await send(.get, "/metrics", to: socket.path).body, as: UTF8.self)
      #expect(metrics.contains("pvescout_listener_up{listener=\"route ssh\"} 0"), "\(metrics)")
    }
  }
}

extension Problem {
  static let sample = Problem(.error, at: SourceLocation(file: "routes.yml", line: 2, column: 7), "unknown key")
}
