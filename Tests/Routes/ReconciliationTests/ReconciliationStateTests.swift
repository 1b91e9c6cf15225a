import PeerTrust
import ProxmoxInventory
import RouteModel
import RouteProviders
import Testing

@testable import Reconciliation

@Suite struct ReconciliationStateTests {
  var state = ReconciliationState()

  /// Applies a new inventory and returns the outcome.
  private mutating func feed(_ inventory: InventorySnapshot) -> ReconciliationState.Outcome {
    state.replace(
      inventory: inventory, changes: InventoryChanges(from: state.inventory, to: inventory))
  }

  private func target(_ alias: String) -> String? {
    state.current.first { $0.id.alias.text == alias }?.route?.target?.description
  }

  @Test mutating func routesRegisterAgainstAnEmptyInventory() throws {
    let outcome = state.replace(
      routes: Lab.provided(try Lab.declaration("plex", host: "127.77.1.1")), defaults: HealthCheck())
    #expect(outcome.routes.map(\.target?.description) == ["http://127.77.1.1:80"])
  }

  @Test mutating func aChangeTouchesOnlyTheRoutesThatItConcerns() throws {
    _ = state.replace(
      routes: Lab.provided(
        try Lab.declaration("plex"), try Lab.declaration("wiki"), try Lab.declaration("x", host: "127.77.1.9")),
      defaults: HealthCheck())
    let before = [Lab.guest(105, "plex", "127.77.1.1"), Lab.guest(106, "wiki", "127.77.1.2")]
    #expect(Set(feed(Lab.inventory(before)).routes.map(\.alias.text)) == ["plex", "wiki", "x"])

    let migrated = [Lab.guest(105, "plex", "127.77.1.1", on: "pve2"), before[1]]
    #expect(feed(Lab.inventory(migrated)).routes.map(\.alias.text) == ["plex"])
    let moved = [migrated[0], Lab.guest(106, "wiki", "127.77.1.9")]
    #expect(feed(Lab.inventory(moved)).routes.map(\.alias.text) == ["wiki", "x"])
    #expect(target("wiki") == "http://127.77.1.9:80")
    #expect(feed(Lab.inventory(moved)).routes.isEmpty)
  }

  @Test mutating func aLostLinkHasNoTargetAndComesBack() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
    let there = Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")])
    _ = feed(there)
    #expect(target("plex") == "http://127.77.1.1:80")
    let lost = feed(Lab.inventory([]))
    #expect(lost.routes.map(\.target) == [nil])
    guard case .unlinked(let reason) = lost.routes[0].link else { return #expect(Bool(false), "still linked") }
    #expect(reason.code == .lost)
    _ = feed(there)
    #expect(target("plex") == "http://127.77.1.1:80")
  }

  @Test mutating func aLostLinkIsLostAfterARestartToo() throws {
    let settings = RouteSettings(defaultHost: .localhost)
    func declared(_ host: String? = nil) throws -> DeclaredRoutes {
      DeclaredRoutes(Lab.provided(try Lab.declaration("plex", host: host)).provided, settings: settings)
    }
    _ = state.replace(routes: try declared(), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")]))
    let saved = state.savedLinks
    #expect(saved.map(\.vmid) == [105])

    state = ReconciliationState()
    state.restore(saved)
    _ = state.replace(routes: try declared(), defaults: HealthCheck())
    _ = feed(Lab.inventory([]))
    #expect(target("plex") == nil, "neither this machine's nor anybody's")
    guard case .unlinked(let reason) = state.current.first?.link else { return #expect(Bool(false), "linked") }
    #expect(reason.code == .lost && reason.detail.contains("guest 105 (plex) on pve1"), "\(reason)")
    #expect(state.savedLinks == saved, "and after the next one")

    // Without the saved links, the route has never matched anything.
    state = ReconciliationState()
    _ = state.replace(routes: try declared(), defaults: HealthCheck())
    _ = feed(Lab.inventory([]))
    #expect(target("plex") == "http://localhost:80")
  }

  @Test mutating func aFormerLinkDecidesBetweenStoppedTwinsAfterARestart() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("twin")), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(106, "twin", "127.77.1.2")]))
    let saved = state.savedLinks
    state = ReconciliationState()
    state.restore(saved)
    _ = state.replace(routes: Lab.provided(try Lab.declaration("twin")), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "twin", status: .stopped), Lab.guest(106, "twin", status: .stopped)]))
    #expect(state.current.first?.link?.resource?.guest?.vmid == 106)
  }

  /// The former link was for a different host.
  @Test(arguments: [false, true])
  mutating func anEditedHostForgetsTheFormerLink(whileTheAgentWasOff: Bool) throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("x", host: "twin")), defaults: HealthCheck())
    let one = Lab.guest(105, "twin", "127.77.1.1")
    _ = feed(Lab.inventory([one]))
    #expect(state.current.first?.previous?.guest?.vmid == 105)
    if whileTheAgentWasOff {
      let saved = state.savedLinks
      state = ReconciliationState()
      state.restore(saved)
    }
    let edited = Lab.provided(try Lab.declaration("x", host: "nobody"))
    _ = state.replace(routes: edited, defaults: HealthCheck())
    _ = feed(Lab.inventory([]))
    guard case .unlinked(let reason) = state.current.first?.link else { return #expect(Bool(false), "linked") }
    #expect(reason.code == .noMatch, "\(reason)")
  }

  @Test mutating func forgetsTheLinksOfRoutesThatWentWhileTheAgentWasOff() throws {
    let (plex, wiki) = (try Lab.declaration("plex"), try Lab.declaration("wiki", in: "other"))
    _ = state.replace(routes: Lab.provided([("routes", [plex]), ("other", [wiki])]), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "plex"), Lab.guest(106, "wiki")]))
    let saved = state.savedLinks
    #expect(saved.map(\.alias) == ["wiki", "plex"])

    state = ReconciliationState()
    state.restore(saved)
    // A file that cannot be read proves nothing about its routes.
    let unread = ProvidedRoutes.Provider(
      name: ProviderName("file:other"), file: "other.yml", routes: [], problems: [], isLoaded: false)
    _ = state.replace(routes: DeclaredRoutes(ProvidedRoutes(providers: [unread])), defaults: HealthCheck())
    #expect(state.savedLinks.map(\.alias) == ["wiki"])
  }

  @Test mutating func anotherDefaultHostTouchesTheRoutesThatMatchNothing() throws {
    let routes = Lab.provided(try Lab.declaration("nobody"), try Lab.declaration("plex"))
    _ = state.replace(routes: routes, defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")]))
    #expect(target("nobody") == nil)
    let opted = DeclaredRoutes(routes.provided, settings: RouteSettings(defaultHost: .localhost))
    #expect(state.replace(routes: opted, defaults: HealthCheck()).routes.map(\.alias.text) == ["nobody"])
    #expect(target("nobody") == "http://localhost:80")
    #expect(state.replace(routes: routes, defaults: HealthCheck()).routes.map(\.target) == [nil])
  }

  @Test mutating func anotherTrustOfAClusterTouchesTheAPIsOfItsNodes() throws {
    var api = try Lab.declaration("pve1")
    api.port = nil
    let (plex, wiki) = (try Lab.declaration("plex"), try Lab.declaration("wiki", host: "127.77.1.9"))
    func declared(_ trust: [ClusterName: TrustPolicy]) -> DeclaredRoutes {
      DeclaredRoutes(Lab.provided(api, plex, wiki).provided, settings: RouteSettings(clusterTrust: trust))
    }
    _ = state.replace(routes: declared(["home": .insecure]), defaults: HealthCheck())
    let linked = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")])).routes
    #expect(linked.map(\.alias.text) == ["plex", "pve1", "wiki"])
    #expect(linked.map(\.trust) == [.systemRoots, .insecure, .systemRoots])
    let changed = state.replace(
      routes: declared(["home": .caFile("/ca.pem"), "away": .insecure]), defaults: HealthCheck())
    #expect(changed.routes.map(\.alias.text) == ["pve1"] && changed.routes.map(\.trust) == [.caFile("/ca.pem")])
    #expect(state.replace(routes: declared(["home": .caFile("/ca.pem")]), defaults: HealthCheck()).routes.isEmpty)
    #expect(state.replace(routes: declared([:]), defaults: HealthCheck()).routes.map(\.trust) == [.systemRoots])
  }

  @Test mutating func aMissingNameTouchesTheRoutesThatStateIt() throws {
    _ = state.replace(
      routes: Lab.provided(try Lab.declaration("ssh", host: "gitea"), try Lab.declaration("x", host: "127.77.1.2")),
      defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "gitea", "127.77.1.1"), Lab.guest(106, "wiki", "127.77.1.2")]))
    #expect(state.guestNames == ["gitea"])
    #expect(target("ssh") == "http://gitea:80")
    #expect(state.replace(missingNames: ["gitea"]).routes.map(\.alias.text) == ["ssh"])
    #expect(target("ssh") == "http://127.77.1.1:80")
    #expect(state.replace(missingNames: ["gitea"]).routes.isEmpty)
    #expect(state.replace(missingNames: []).routes.map(\.target?.description) == ["http://gitea:80"])
  }

  @Test mutating func theNearestNamesFollowTheInventory() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plx")), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "wiki")]))
    _ = feed(Lab.inventory([Lab.guest(105, "plex")]))
    guard case .unlinked(let reason) = state.current.first?.link else { return #expect(Bool(false), "linked") }
    #expect(reason.detail == "nothing is named 'plx'; guest 105 is 'plex'")
  }

  @Test mutating func anOfflineNodeLeavesTheOtherTwin() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("twin")), defaults: HealthCheck())
    let twins = [Lab.guest(105, "twin", "127.77.1.1"), Lab.guest(106, "twin", "127.77.1.2", on: "pve2")]
    _ = feed(Lab.inventory(twins))
    #expect(target("twin") == nil, "ambiguous")
    _ = feed(Lab.inventory(twins, pve2: .offline))
    #expect(target("twin") == "http://127.77.1.1:80")
  }

  @Test mutating func anOnlineNodeBringsTheOtherTwinBack() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("twin")), defaults: HealthCheck())
    let twins = [Lab.guest(105, "twin", "127.77.1.1"), Lab.guest(106, "twin", "127.77.1.2", on: "pve2")]
    _ = feed(Lab.inventory(twins, pve2: .offline))
    #expect(target("twin") == "http://127.77.1.1:80")
    _ = feed(Lab.inventory(twins))
    #expect(target("twin") == nil, "ambiguous again, as it would be after a restart")
  }

  @Test mutating func severalAddressesAreRacedOnce() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
    let guest = Lab.guest(105, "plex", "127.77.1.1", "127.77.1.2")
    let outcome = feed(Lab.inventory([guest]))
    #expect(outcome.races.map(\.candidates.count) == [2])
    #expect(target("plex") == "http://127.77.1.1:80", "the preferred one until the race is over")
    let race = outcome.races[0]
    #expect(state.settle(race.id, candidates: race.candidates, winner: race.candidates[1]).routes.count == 1)
    #expect(target("plex") == "http://127.77.1.2:80")

    let stopped = Lab.guest(105, "plex", "127.77.1.1", "127.77.1.2", on: "pve2")
    #expect(feed(Lab.inventory([stopped])).races.isEmpty, "the same candidates, the same winner")
    #expect(target("plex") == "http://127.77.1.2:80")
    #expect(state.raceAgain(race.id).races.count == 1)
    #expect(state.raceAgain(race.id).races.isEmpty, "one at a time")
  }

  @Test mutating func theWinnerOfAnOlderRaceIsNoTarget() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
    let older = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.1", "127.77.1.2")])).races[0]
    let newer = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.3", "127.77.1.2")])).races[0]
    #expect(state.settle(older.id, candidates: older.candidates, winner: older.candidates[1]).routes.isEmpty)
    #expect(target("plex") == "http://127.77.1.3:80", "the newer race is still on")
    #expect(state.settle(newer.id, candidates: newer.candidates, winner: newer.candidates[1]).routes.count == 1)
    #expect(target("plex") == "http://127.77.1.2:80")
  }

  @Test mutating func ofTwoGuestsWithOneAddressTheOneThatKeepsItIsLinked() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("x", host: "127.77.1.1")), defaults: HealthCheck())
    let both = [Lab.guest(105, "plex", "127.77.1.1"), Lab.guest(106, "wiki", "127.77.1.1")]
    _ = feed(Lab.inventory(both))
    guard case .ambiguous = state.current[0].link else { return #expect(Bool(false), "not ambiguous") }
    for (loser, keeper) in [(0, 106), (1, 105)] {
      var guests = both
      guests[loser] = Lab.guest(guests[loser].id.vmid, guests[loser].name ?? "", "127.77.1.9")
      #expect(feed(Lab.inventory(guests)).routes.map(\.link.resource?.guest?.vmid) == [keeper])
      _ = feed(Lab.inventory(both))
    }
  }

  @Test mutating func whyAGuestHasNoAddressIsWhyItsRouteHasNoTarget() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
    var guest = Lab.guest(105, "plex")
    _ = feed(Lab.inventory([guest]))
    guest.freshness.error = "the guest agent does not answer"
    let route = try #require(feed(Lab.inventory([guest])).routes.first)
    #expect(route.noTargetReason?.contains("the guest agent does not answer") == true)
    #expect(state.steps(of: route.id).last?.detail == route.noTargetReason)
    var known = Lab.guest(105, "plex", "127.77.1.1")
    _ = feed(Lab.inventory([known]))
    known.freshness.error = "the guest agent does not answer"
    #expect(feed(Lab.inventory([known])).routes.isEmpty, "no change for a guest with a known address")
  }

  @Test("The steps that explain a link are computed again, and are the same as for the decision")
  mutating func explainsALinkThatStayed() throws {
    _ = state.replace(
      routes: Lab.provided(try Lab.declaration("twin"), try Lab.declaration("gone", host: "10.9.9.9")),
      defaults: HealthCheck())
    func details() -> [[String]] { state.current.map { state.steps(of: $0.id).map(\.detail) } }
    let (first, second) = (Lab.guest(105, "twin", "127.77.1.1"), Lab.guest(106, "twin", "127.77.1.2"))
    _ = feed(Lab.inventory([first]))
    var stopped = [first, second]
    for index in stopped.indices { stopped[index].status = .stopped }
    _ = feed(Lab.inventory(stopped))
    let twin = [
      "no node is named 'twin'", "'twin' is guest 105 (twin) on pve1, guest 106 (twin) on pve1",
      "guest 105 (twin) on pve1: none of 2 matches runs: the link before stays",
      "http://127.77.1.1:80: the address of guest 105 (twin) on pve1",
    ]
    #expect(details()[0] == twin)
    #expect(
      details()[1] == [
        "no node has the address 10.9.9.9", "no node is named 'gone'", "no guest has the address 10.9.9.9",
        "no guest is named 'gone'", "nothing has the address 10.9.9.9 or is named 'gone'",
        "http://10.9.9.9:80: the route states its host",
      ])
  }

  @Test mutating func aReloadTouchesOnlyWhatChanged() throws {
    _ = state.replace(
      routes: Lab.provided(try Lab.declaration("a", host: "127.77.1.1"), try Lab.declaration("b", host: "127.77.1.2")),
      defaults: HealthCheck())
    let cell = state.current[0].cell
    let outcome = state.replace(
      routes: Lab.provided(
        try Lab.declaration("a", host: "127.77.1.1", line: 9), try Lab.declaration("c", host: "127.77.1.3")),
      defaults: HealthCheck())
    #expect(outcome.routes.map(\.alias.text) == ["c"])
    #expect(outcome.removed.map(\.alias.text) == ["b"])
    #expect(state.current[0].cell === cell, "health goes on")
    #expect(target("a") == "http://127.77.1.1:80")
  }

  @Test mutating func theLoserComesBackWhenTheWinnerGoes() throws {
    let loser = try Lab.declaration("plex", host: "127.77.1.2", in: "b")
    let both = Lab.provided([("a", [try Lab.declaration("plex", host: "127.77.1.1", in: "a")]), ("b", [loser])])
    let first = state.replace(routes: both, defaults: HealthCheck())
    #expect(first.routes.map(\.pool) == [.http, .excluded])
    let second = state.replace(routes: Lab.provided([("a", []), ("b", [loser])]), defaults: HealthCheck())
    #expect(second.routes.map(\.pool) == [.http])
    #expect(second.removed.map(\.provider.text) == ["file:a"])
  }

  @Test mutating func guestsBehindRoutesAreWanted() throws {
    _ = state.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
    _ = feed(Lab.inventory([Lab.guest(105, "plex"), Lab.guest(106, "wiki")]))
    #expect(state.wantedGuests == [GuestID(cluster: "home", vmid: 105)])
    let revision = state.wantedRevision
    _ = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.1"), Lab.guest(106, "wiki")]))
    #expect(state.wantedRevision == revision, "the same guests are wanted")
  }

  @Test("A guest is wanted as long as a route links or may link to it")
  mutating func wantsAreCounted() throws {
    func vmids() -> [VMID] { state.wantedGuests.map(\.vmid).sorted() }
    let (first, second) = (try Lab.declaration("plex"), try Lab.declaration("tv", host: "127.77.1.1"))
    _ = state.replace(routes: Lab.provided(first, second), defaults: HealthCheck())
    let plex = Lab.guest(105, "plex", "127.77.1.1")
    _ = feed(Lab.inventory([plex]))
    #expect(vmids() == [105])
    _ = feed(Lab.inventory([plex, Lab.guest(106, "other", "127.77.1.1")]))
    #expect(vmids() == [105, 106], "the address is ambiguous")
    _ = feed(Lab.inventory([Lab.guest(105, "plex", "127.77.1.2")]))
    #expect(vmids() == [105], "the alias still links")
    _ = state.replace(routes: Lab.provided(second), defaults: HealthCheck())
    #expect(vmids().isEmpty)
    _ = state.replace(routes: Lab.provided(first, second), defaults: HealthCheck())
    #expect(vmids() == [105])
    _ = feed(Lab.inventory([]))
    #expect(vmids().isEmpty)
  }
}
