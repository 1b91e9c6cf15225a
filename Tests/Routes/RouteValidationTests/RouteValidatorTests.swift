import PeerTrust
import ProxmoxInventory
import RouteModel
import RouteValidation
import Testing

@Suite struct RouteValidatorTests {
  static let home = Lab.inventory(
    [Lab.node("pve1", "10.0.0.11", "fd00::11"), Lab.node("bare")],
    [
      Lab.guest(105, "plex", "10.0.0.50", "fd00::50"), Lab.guest(106, "wiki", "10.0.0.51"),
      Lab.guest(107, "off", "10.0.0.52", status: .stopped, source: .config),
      Lab.guest(108, "dhcp", "10.0.0.53", status: .stopped), Lab.guest(109, "new"),
      Lab.guest(110, "pair"), Lab.guest(111, "pair"),
    ])
  let validator = RouteValidator(inventory: home)

  @Test(
    "scheme and port that are absent follow custom",
    arguments: [
      (nil, nil, nil, RouteScheme.http, "http://h:80"), (nil, 32400, nil, .http, "http://h:32400"),
      (nil, 443, nil, .https, "https://h:443"), (nil, 8443, nil, .https, "https://h:8443"),
      (nil, 8006, nil, .https, "https://h:8006"), (nil, 4430, nil, .http, "http://h:4430"),
      (nil, 22, 2222, .tcp, "tcp://h:22"), (.https, nil, nil, .https, "https://h:443"),
      (.h2c, nil, nil, .h2c, "h2c://h:80"), (.udp, 53, 0, .udp, "udp://h:53"), (.tcp, 22, nil, .tcp, "tcp://h:22"),
    ] as [(RouteScheme?, UInt16?, UInt16?, RouteScheme, String)])
  func finalises(scheme: RouteScheme?, port: UInt16?, listen: UInt16?, wanted: RouteScheme, target: String) throws {
    let route = validator.validate(try Lab.declaration("x", host: "h", port: port, listen: listen, scheme: scheme))
    #expect(route.scheme == wanted)
    #expect(route.plan.candidates.map(\.description) == [target])
    #expect(route.pool == (wanted.isStream ? .stream : .http))
  }

  @Test(
    "an absent host is filled by the link, and never with somebody else's port",
    arguments: [
      ("plex", nil, ["http://10.0.0.50:32400", "http://[fd00::50]:32400"]), ("wiki", 3000, ["http://10.0.0.51:3000"]),
      ("off", nil, ["http://10.0.0.52:80"]), ("dhcp", nil, ["http://10.0.0.53:80"]), ("new", nil, []),
      ("pair", nil, []),
      ("pve1", nil, ["https://10.0.0.11:8006"]), ("pve1", 9090, ["http://10.0.0.11:9090"]), ("bare", nil, []),
      ("nobody", 81, []),
    ] as [(String, UInt16?, [String])])
  func fillsTheHost(alias: String, port: UInt16?, expected: [String]) throws {
    let declaration = try Lab.declaration(alias, port: port)
    #expect(validator.validate(declaration).plan.candidates.map(\.description) == expected)
    #expect(validator.steps(of: declaration).last?.subject == .target)
  }

  @Test(
    "passed-through TLS is a stream to the port of HTTPS or of the node's own API",
    arguments: [
      ("x", "h", nil, "tcp://h:443"), ("x", "h", 8443, "tcp://h:8443"), ("pve1", nil, nil, "tcp://10.0.0.11:8006"),
      ("pve1", nil, 443, "tcp://10.0.0.11:443"),
    ] as [(String, String?, UInt16?, String)])
  func passesTLSThrough(alias: String, host: String?, port: UInt16?, target: String) throws {
    var declaration = try Lab.declaration(alias, host: host, port: port)
    declaration.streamTLS = .passthrough
    let route = validator.validate(declaration)
    #expect(route.pool == .stream && route.scheme == .tcp)
    #expect(route.plan.candidates.first?.description == target)
  }

  @Test func aStandaloneHostIsReachedByItsEndpointsNameWhereNoAddressIsKnown() throws {
    var cluster = Lab.inventory([Lab.node("pve")]).clusters[0]
    cluster.endpoint = "https://pve.home.example:8006"
    let validator = RouteValidator(
      inventory: InventorySnapshot(clusters: [cluster]), clusterTrust: ["home": .insecure])
    let route = validator.validate(try Lab.declaration("pve"))
    #expect(route.plan.candidates.map(\.description) == ["https://pve.home.example:8006"])
    #expect(route.trust == .insecure)
  }

  @Test func whatIsStatedIsNeverRewritten() throws {
    let route = validator.validate(try Lab.declaration("plex", host: "10.0.0.200", port: 1))
    #expect(route.link.brief == "guest 105 by alias")
    #expect(route.plan == .fixed(.network(scheme: .http, host: "10.0.0.200", port: 1)))
  }

  @Test("a route with an unmatched `proxmox` is not for this machine")
  func aProxmoxWithoutReferenceHasNoTarget() throws {
    var stranger = try Lab.declaration("nobody", port: 1)
    stranger.statesProxmox = true
    let route = validator.validate(stranger)
    let steps = validator.steps(of: stranger)
    #expect(route.plan == .none(steps.last?.detail ?? ""))
    #expect(steps.last?.detail.contains("neither node nor vmid") == true, "\(steps)")
    var plex = try Lab.declaration("plex")
    plex.statesProxmox = true
    #expect(!validator.validate(plex).plan.candidates.isEmpty, "it is still linked by its own keys")
    stranger.host = "10.9.9.9"
    #expect(validator.validate(stranger).plan.candidates.map(\.description) == ["http://10.9.9.9:1"])
  }

  @Test func anOpenOrLostLinkHasNoTarget() throws {
    let pending = RouteValidator(inventory: Lab.pending(Self.home))
    #expect(pending.validate(try Lab.declaration("nobody")).plan.candidates.isEmpty)
    #expect(
      validator.validate(try Lab.declaration("x", proxmox: .init(.guest(999, nodeHint: nil)))).plan.candidates.isEmpty)

    let previous = validator.validate(try Lab.declaration("plex")).link.resource
    let without = RouteValidator(inventory: Lab.inventory())
    let lost = without.validate(try Lab.declaration("plex"), previous: previous)
    #expect(lost.link.brief == "lost")
    #expect(lost.plan.candidates.isEmpty)
    #expect(without.validate(try Lab.declaration("plex")).plan.candidates.isEmpty)
    let optedIn = RouteValidator(inventory: Lab.inventory(), defaultHost: .localhost)
    #expect(
      optedIn.validate(try Lab.declaration("plex"), previous: previous).plan.candidates.isEmpty, "lost stays lost")
  }

  @Test("a route is for this machine if it states so, if default_host does, or without any cluster")
  func isThisMachinesWhereNothingElseIsMeant() throws {
    func targets(_ validator: RouteValidator, _ alias: String, host: String? = nil) throws -> [String] {
      validator.validate(try Lab.declaration(alias, host: host, port: 81)).plan.candidates.map(\.description)
    }
    #expect(try targets(validator, "unknown", host: "localhost") == ["http://localhost:81"])
    let optedIn = RouteValidator(inventory: Self.home, defaultHost: .localhost)
    #expect(try targets(optedIn, "unknown") == ["http://localhost:81"])
    #expect(try targets(optedIn, "wiki") == ["http://10.0.0.51:81"])
    #expect(try targets(RouteValidator(inventory: .empty), "unknown") == ["http://localhost:81"])
    let pending = RouteValidator(inventory: Lab.pending(Self.home), defaultHost: .localhost)
    #expect(try targets(pending, "unknown").isEmpty, "not before everything is read")
  }

  @Test(
    "the guest's address serves for a host that is its full name and does not exist",
    arguments: [
      ("x", "wiki", ["http://10.0.0.51:80"]), ("x", "WIKI.", ["http://10.0.0.51:80"]),
      ("x", "plex", ["http://10.0.0.50:80", "http://[fd00::50]:80"]), ("x", "wiki.home.example", nil),
      ("wiki", "gone", nil), ("x", "pve1", nil), ("x", "new", nil), ("x", "pair", nil),
      ("x", "off", ["http://10.0.0.52:80"]),
    ] as [(String, String, [String]?)])
  func usesTheGuestsAddressForAMissingName(alias: String, host: String, expected: [String]?) throws {
    let missing = RouteValidator(inventory: Self.home, missingNames: [HostName.fold(host)])
    let declaration = try Lab.declaration(alias, host: host)
    let stated = ["http://\(host):80"]
    #expect(missing.validate(declaration).plan.candidates.map(\.description) == expected ?? stated)
    #expect(validator.validate(declaration).plan.candidates.map(\.description) == stated, "a name that exists")
    if expected != nil {
      let detail = missing.steps(of: declaration).last?.detail ?? ""
      #expect(detail.hasSuffix("as the host '\(host)' is its name and does not resolve"), "\(detail)")
    }
  }

  @Test("an unknown name is reported with similar ones")
  func namesTheNearest() throws {
    func reason(_ alias: String, host: String? = nil) throws -> String? {
      let declaration = try Lab.declaration(alias, host: host)
      guard case .unlinked(let reason) = validator.validate(declaration).link else { return nil }
      #expect(validator.steps(of: declaration).last?.detail.hasSuffix(reason.detail) == (host == nil))
      return reason.detail
    }
    #expect(try reason("plx") == "nothing is named 'plx'; guest 105 is 'plex'")
    #expect(try reason("plx.home.example") == "nothing is named 'plx.home.example'; guest 105 is 'plex'")
    #expect(try reason("bar") == "nothing is named 'bar'; a node is 'bare'")
    #expect(try reason("something-else") == "nothing is named 'something-else'")
    #expect(try reason("x", host: "10.9.9.9") == "nothing has the address 10.9.9.9 or is named 'x'")
    #expect(try reason("plx", host: "wikki") == "nothing is named 'wikki' or 'plx'", "its host is its target")
  }

  @Test(
    "a node's own API is trusted by its cluster's tls",
    arguments: [
      ("pve1", nil, nil, true), ("x", "10.0.0.11", 8006, true), ("x", "fd00::11", 18006, true),
      ("x", "pve1.home.example", 8006, true), ("x", "10.0.0.11", 443, false), ("pve1", "10.0.0.99", 8006, false),
      ("plex", nil, 8006, false),
    ] as [(String, String?, UInt16?, Bool)])
  func trustsANodesOwnAPI(alias: String, host: String?, port: UInt16?, isOwn: Bool) throws {
    let declaration = try Lab.declaration(alias, host: host, port: port)
    let trust = TrustPolicy.caFile("/pve-root-ca.pem")
    let validator = RouteValidator(inventory: Self.home, clusterTrust: ["home": trust, "away": .insecure])
    #expect(validator.validate(declaration).trust == (isOwn ? trust : .systemRoots))
    #expect(self.validator.validate(declaration).trust == .systemRoots, "the cluster states no trust")
  }

  @Test func aNodesOwnCertificateIsTrustedBesideThePinsOfItsCluster() throws {
    let pins = try [7, 8].map { try #require(CertificateFingerprint(bytes: [UInt8](repeating: $0, count: 32))) }
    var node = Lab.node("pve1", "10.0.0.11")
    node.sslFingerprint = pins[1]
    func trust(_ cluster: TrustPolicy) throws -> TrustPolicy {
      RouteValidator(inventory: Lab.inventory([node]), clusterTrust: ["home": cluster])
        .validate(try Lab.declaration("pve1")).trust
    }
    #expect(try trust(.fingerprints([pins[0]])) == .fingerprints(pins))
    #expect(try trust(.fingerprints(pins)) == .fingerprints(pins))
    for other in [TrustPolicy.systemRoots, .caFile("/ca.pem"), .insecure] { #expect(try trust(other) == other) }
  }

  @Test func theRoutesOwnTrustComesFirst() throws {
    let validator = RouteValidator(inventory: Self.home, clusterTrust: ["home": .caFile("/pve-root-ca.pem")])
    var declaration = try Lab.declaration("pve1")
    declaration.tlsCAFile = "/ca.pem"
    #expect(validator.validate(declaration).trust == .caFile("/ca.pem"))
    declaration.noTLSVerify = true
    #expect(validator.validate(declaration).trust == .insecure)
    let pin = try #require(CertificateFingerprint(bytes: [UInt8](repeating: 7, count: 32)))
    declaration.tlsPins = [pin]
    #expect(validator.validate(declaration).trust == .fingerprints([pin]))
  }

  @Test func anOldAliasIsExcludedYetLinkedAndProbed() throws {
    var declaration = try Lab.declaration("plex-old", host: "10.0.0.50")
    let route = validator.validate(declaration)
    #expect(route.pool == .excluded)
    #expect(route.excludedReason == "the alias ends in -old")
    #expect(route.link.brief == "guest 105 by address")
    #expect(!route.plan.candidates.isEmpty)
    declaration.problems = [Problem(.error, at: declaration.location, "port 70000 is not between 1 and 65535")]
    #expect(validator.validate(declaration).plan.candidates.isEmpty)
  }

  static let bad: [(RouteScheme?, UInt16?, UInt16?, String)] = [
    (.fileserver, nil, nil, "routes.yml:3:1: route 'x': a fileserver route needs root: the folder to serve")
  ]

  @Test(arguments: bad)
  func aBadRouteIsExcludedWithItsProblem(scheme: RouteScheme?, port: UInt16?, listen: UInt16?, reason: String) throws {
    let route = validator.validate(try Lab.declaration("x", port: port, listen: listen, scheme: scheme))
    #expect(route.pool == .excluded)
    #expect(route.excludedReason == reason)
    #expect(route.link.brief == "invalid_route")
  }

  @Test func aConflictExcludesWithTheWinner() throws {
    let route = validator.validate(
      try Lab.declaration("plex"), conflict: RouteConflict(.aliasTaken, "file:routes has it"))
    #expect(route.pool == .excluded)
    #expect(route.excludedReason == "file:routes has it")
    #expect(route.plan == .none("file:routes has it"))
    #expect(route.link.brief == "alias_taken")
  }

  @Test func aFileServerIsNotLookedUp() throws {
    var declaration = try Lab.declaration("plex", scheme: .fileserver)
    declaration.root = "/srv/www"
    let route = validator.validate(declaration)
    #expect(route.link.brief == "not_looked_up")
    #expect(route.plan.candidates.map(\.description) == ["file:///srv/www"])
    #expect(route.pool == .http)
  }
}
