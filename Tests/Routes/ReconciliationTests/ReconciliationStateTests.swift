import ProxmoxInventory
import RouteModel
import Testing

@testable import Reconciliation

@Suite struct ReconciliationStateTests {
  var state = ReconciliationState()

  /// Feeds a new inventory and tells which routes came out of it.
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
  }
}
