import ControlAPI
import Testing

@testable import Commands

@Suite struct RouteTableTests {
  private static func route(
    _ alias: String, _ target: String?, _ link: LinkJSON, status: String = "healthy", detail: String = "200 OK",
    excluded: String? = nil, restricted: String? = nil, key: String? = nil
  ) -> RouteJSON {
    RouteJSON(
      key: key ?? alias, alias: alias, provider: "file:routes", pool: excluded == nil ? "http" : "excluded",
      scheme: "http", target: target, excludedReason: excluded, restricted: restricted, link: link,
      health: HealthJSON(
        status: status, uptimeMilliseconds: 1, latencyMicroseconds: status == "healthy" ? 13_000 : nil, detail: detail))
  }

  private static func guest(_ vmid: Int, _ name: String, by key: String, status: String = "running") -> LinkJSON {
    .linked(resource(vmid, name, by: key, status: status))
  }

  private static func resource(_ vmid: Int, _ name: String, by key: String, status: String = "running")
    -> LinkedResourceJSON
  {
    LinkedResourceJSON(
      kind: .guest, cluster: "home", node: "pve2", vmid: vmid, name: name, guestType: "lxc", guestStatus: status,
      matchedBy: key, matched: name)
  }

  /// The kinds of routes in the demo, with their lengths.
  private static let routes = [
    route(
      "backup", "http://127.240.200.12:8007",
      .linked(
        LinkedResourceJSON(
          kind: .node, cluster: "home", node: "pve2", vmid: 0, name: "pve2", matchedBy: "address",
          matched: "127.240.200.12"))),
    route("grafana", "http://127.240.200.102:3000", guest(102, "grafana", by: "alias")),
    route("ha", "http://127.240.200.201:8123", guest(201, "home-assistant", by: "explicit")),
    route("nas", "http://127.240.200.250:5000", .unlinked(reason: "no_match", detail: "")),
    route(
      "nextcloud", "http://127.240.200.108:11000", guest(108, "nextcloud", by: "address", status: "stopped"),
      status: "unhealthy", detail: "guest 108 (nextcloud) is stopped"),
    route("paperless", "http://paperless.localhost:41555", guest(104, "paperless", by: "hostname")),
    route(
      "plex-old", "http://127.240.200.101:32400", guest(101, "plex", by: "address"),
      excluded: "the alias ends in -old"),
    route(
      "web", nil,
      .ambiguous(candidates: [resource(105, "web", by: "alias"), resource(106, "web", by: "alias")], detail: ""),
      status: "unknown", detail: "no target while the link is ambiguous"),
  ]

  @Test("every fact can be read on a usual terminal", arguments: [80, 100, 120, 150])
  func losesNoFact(width: Int) throws {
    let lines = RouteTable.render(Self.routes, style: TableStyle(width: width)).split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines.joined(separator: "\n"))")
    /// The line of a route and its notes.
    func block(_ alias: String) throws -> String {
      let start = try #require(lines.firstIndex { $0.hasPrefix("\(alias) ") })
      return ([lines[start]] + lines[(start + 1)...].prefix { $0.hasPrefix(" ") }).joined(separator: "\n")
    }
    let facts = [
      ("backup", ["node pve2", "address", "healthy"]), ("grafana", ["0.102:3000", "102 grafana", "alias", "healthy"]),
      ("ha", ["201 home-assistant", "explicit", "healthy"]), ("nas", ["none: no match", "healthy"]),
      ("nextcloud", ["108 nextcloud", "address", "unhealthy: guest 108 (nextcloud) is stopped"]),
      ("paperless", ["104 paperless", "hostname", "healthy"]),
      ("plex-old", ["101 plex", "address", "excluded"]),
      ("web", ["ambiguous: 105 web, 106", "unknown: no target while the link is ambiguous"]),
    ]
    for (alias, words) in facts {
      let block = try block(alias)
      for word in words { #expect(block.contains(word), "\(width): \(word) in\n\(block)") }
    }
  }

  @Test func standsOnOneLineEachWhereThereIsRoom() {
    for style in [TableStyle.plain, TableStyle(width: 200)] {
      let lines = RouteTable.render(Self.routes, style: style).split(separator: "\n")
      #expect(lines.count == Self.routes.count + 1)
      #expect(lines.contains { $0.hasPrefix("plex-old") && $0.hasSuffix("excluded") })
    }
  }

  @Test("a route that is not served says so below it", arguments: [nil, 80, 200])
  func saysWhatIsNotServed(width: Int?) {
    let route = Self.route(
      "app", "http://127.0.0.1:1", .unlinked(reason: "no_match", detail: ""),
      restricted: "middlewares.oidc restricts it")
    let lines = RouteTable.render([route], style: TableStyle(width: width)).split(separator: "\n")
    #expect(lines.count == 3 && lines[2] == "    not served: middlewares.oidc restricts it")
    #expect(RouteView.render(route, style: .plain).contains("not served  middlewares.oidc restricts it"))
  }

  /// The alias only identifies the first of the two.
  @Test func namesARouteByItsKey() {
    let twins = [
      Self.route("shared", "http://127.0.0.1:1", .unlinked(reason: "no_match", detail: "")),
      Self.route(
        "shared", nil, .unlinked(reason: "alias_taken", detail: ""), excluded: "taken",
        key: "excluded:file:two:shared"),
    ]
    #expect(RouteTable.render(twins, style: .plain).contains("\nexcluded:file:two:shared "))
    let list = ProviderList(generation: 1, providers: ["file:two": twins])
    #expect(ProviderTable.render(list, style: .plain).contains("shared, excluded:file:two:shared"))
  }

  @Test("clusters are named where there are two", arguments: [nil, 80])
  func namesTheClusters(width: Int?) {
    func link(_ cluster: String) -> LinkJSON {
      .linked(
        LinkedResourceJSON(
          kind: .guest, cluster: cluster, node: "pve1", vmid: 105, name: "plex", guestType: "lxc",
          guestStatus: "running", matchedBy: "alias", matched: "plex"))
    }
    let style = width.map { TableStyle(width: $0) } ?? .plain
    let home = Self.route("plex", "http://10.0.0.5:1", link("home"))
    let shed = Self.route("plex2", "http://10.0.0.6:1", link("shed"))
    let both = RouteTable.render([home, shed], style: style)
    for (alias, cluster) in [("plex ", "home"), ("plex2 ", "shed")] {
      let line = both.split(separator: "\n").first { $0.hasPrefix(alias) }
      #expect(line?.contains(cluster) == true, "\(both)")
    }
    #expect(!RouteTable.render([home], style: style).contains("home"))
  }

  @Test("a stream that cannot listen says why", arguments: [nil, 80])
  func saysWhyAStreamCannotListen(width: Int?) {
    var route = Self.route("ssh", "tcp://10.0.0.5:22", Self.guest(105, "plex", by: "alias"))
    route.listenError = "tcp 127.0.0.1:2222: Address already in use"
    let text = RouteTable.render([route], style: width.map { TableStyle(width: $0) } ?? .plain)
    #expect(text.contains("cannot listen: tcp 127.0.0.1:2222"), "\(text)")
  }

  @Test func cutsATableThatIsWiderThanAnyTerminal() {
    for width in [20, 40, 60] {
      let lines = RouteTable.render(Self.routes, style: TableStyle(width: width)).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= max(width, 24) }, "\(lines.joined(separator: "\n"))")
    }
  }
}
