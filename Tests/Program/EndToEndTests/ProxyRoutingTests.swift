import TestSupport
import Testing

/// The Host determines the route of a request.
@Suite(.serialized, .inTurn, .timeLimit(.minutes(10)))
struct ProxyRoutingTests {
  @Test func findsRoutesByAliasHostAndWildcard() async throws {
    let (plex, full, wild) = (
      try await EchoUpstream("plex"), try await EchoUpstream("full"), try await EchoUpstream("wild")
    )
    let lab = try await ProxyLab.start(
      routes: """
        plex: {\(plex.target)}
        media.example.org: {\(full.target)}
        "*.apps.example.org": {\(wild.target)}
        """)
    for (host, name) in [
      ("plex", "plex"), ("PLEX:8080", "plex"), ("plex.lan", "plex"), ("plex.home.arpa.", "plex"),
      ("plex.x.internal", "plex"),
      ("media.example.org", "full"), ("Media.Example.Org:80", "full"), ("any.apps.example.org", "wild"),
    ] {
      let answer = try await lab.get(host)
      #expect(answer.status == 200 && answer.text == name, "\(host): \(answer)")
    }
  }

  @Test func aRouteThatLeadsBackEndsInsteadOfGoingRound() async throws {
    let lab = try await ProxyLab.start(routes: "{}")
    try lab.agent.files.directory.write("self: {host: 127.0.0.1, port: \(lab.port), scheme: http}", to: "routes.yml")
    #expect(try await lab.agent.post("/v1/reload").status == 200)
    #expect(try await lab.get("self").status == 508)
  }

  /// A page of a foreign domain that resolves to the proxy must not reach a route by its first label.
  @Test func aStrangersDomainFindsNoShortAlias() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream)
    for host in ["web.evil.com", "web.example.com", "web.home.example.evil.com", "10.0.0.1", "[::1]", "web.local.evil"]
    {
      #expect(try await lab.get(host).status == 404, "\(host)")
    }
    #expect(upstream.requests.isEmpty)
  }

  @Test func theUsersDomainsReplaceTheLocalOnes() async throws {
    let upstream = try await EchoUpstream()
    let lab = try await ProxyLab.start(upstream, settings: ", match_domains: [home.example]")
    for (host, status) in [
      ("web.home.example", 200), ("web.HOME.example:8080", 200), ("web", 200), ("web.lan", 404),
      ("web.sub.home.example", 404), ("web.xhome.example", 404), ("home.example", 404),
    ] {
      #expect(try await lab.get(host).status == status, "\(host)")
    }
  }

  @Test func anUnknownHostGetsA404InTheFormItAskedFor() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream())
    let page = try await lab.get("nowhere.lan", fields: "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
    #expect(page.status == 404)
    #expect(page["content-type"]?.hasPrefix("text/html") == true, "\(page)")
    #expect(page.text.contains("nowhere.lan"))
    for accept in ["Accept: */*", "Accept: application/json", "X-No: accept"] {
      let answer = try await lab.get("nowhere.lan", fields: accept)
      #expect(answer.status == 404)
      let code = try JSON(parsing: answer.body)["error"]["code"].string
      #expect(code?.isEmpty == false, "\(accept): \(answer.text)")
    }
  }

  @Test func whatAHostSaysIsNeverMarkup() async throws {
    let lab = try await ProxyLab.start(try await EchoUpstream())
    let page = try await lab.get("nowhere.lan", "/<script>alert(1)</script>", fields: "Accept: text/html")
    #expect(!page.text.contains("<script>alert"))
  }

  @Test func aRouteThatCameChangedOrWentCountsForTheNextRequestOnTheSameConnection() async throws {
    let (one, two) = (try await EchoUpstream("one"), try await EchoUpstream("two"))
    let lab = try await ProxyLab.start(routes: "web: {\(one.target)}\nother: {\(one.target)}")
    let connection = try await lab.connect()
    func get(_ host: String) async throws -> String {
      try await connection.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
      let answer = try #require(try await connection.response())
      return answer.status == 200 ? answer.text : "\(answer.status ?? 0)"
    }
    func reload(_ routes: String) async throws {
      try lab.agent.files.directory.write(routes, to: "routes.yml")
      #expect(try await lab.agent.post("/v1/reload").status == 200)
    }
    #expect(try await get("web") == "one")
    #expect(try await get("late") == "404")
    try await reload("web: {\(two.target)}\nlate: {\(one.target)}\nother: {\(one.target)}")
    #expect(try await get("web") == "two")
    #expect(try await get("late") == "one")
    try await reload("late: {\(two.target)}\nother: {\(one.target)}")
    #expect(try await get("web") == "404")
    #expect(try await get("late") == "two")
    #expect(try await get("other") == "one")
  }

  @Test func aChangeDoesNotDisturbARequestInProgress() async throws {
    let gate = Gate()
    let slow = try await RawServer { connection in
      _ = try await connection.request()
      try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
      try await gate.wait()
      try await connection.send("half")
    }
    let lab = try await ProxyLab.start(slow)
    let connection = try await lab.connect()
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try await connection.take(through: "half") != nil)
    try lab.agent.files.directory.write("{}", to: "routes.yml")
    #expect(try await lab.agent.post("/v1/reload").status == 200)
    #expect(try await lab.get("web").status == 404)
    gate.open()
    #expect(try await connection.take(4) == Array("half".utf8))
    try await connection.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n")
    #expect(try await connection.response()?.status == 404)
  }
}
