import RouteModel
import RouteRegistry
import Testing

@Suite(.timeLimit(.minutes(5))) struct RouteRegistryTests {
  let registry = RouteRegistry()

  @Test func getTriesHTTPThenStreamNeverExcluded() throws {
    registry.apply(adding: [
      try makeRoute("both", pool: .stream), try makeRoute("both", pool: .http, provider: "file:b"),
      try makeRoute("ssh", pool: .stream), try makeRoute("old", pool: .excluded),
    ])
    #expect(registry.get("both")?.pool == .http)
    #expect(registry.get("ssh")?.pool == .stream)
    #expect(registry.get("old") == nil)
    #expect(registry.get("nobody") == nil)
  }

  @Test func aliasesCompareWithoutCase() throws {
    registry.apply(adding: [try makeRoute("Plex")])
    #expect(registry.get("pLEX")?.id.alias.text == "Plex")
    #expect(registry.snapshot.entry("plex")?.key == "Plex")
  }

  @Test func getHTTPRouteOrExactTriesTheAliasThenTheWholeHost() throws {
    registry.apply(adding: [
      try makeRoute("plex"), try makeRoute("wiki.example.org"), try makeRoute("ssh", pool: .stream),
    ])
    #expect(registry.getHTTPRouteOrExact(alias: "plex", host: "plex.home.arpa")?.id.alias.text == "plex")
    #expect(registry.getHTTPRouteOrExact(alias: "wiki", host: "wiki.example.org")?.id.alias.text == "wiki.example.org")
    #expect(registry.getHTTPRouteOrExact(alias: "ssh", host: "ssh") == nil)
  }

  @Test func aBatchIsOneGeneration() throws {
    registry.apply(adding: [try makeRoute("a"), try makeRoute("b")])
    #expect(registry.generation == 1)
    registry.apply(adding: [try makeRoute("c")], removing: [try makeRoute("a").id])
    #expect(registry.generation == 2)
    #expect(registry.snapshot.entries.map(\.key) == ["b", "c"])
    registry.apply(adding: [], removing: [try makeRoute("a").id])
    #expect(registry.generation == 2, "nothing changed")
  }

  @Test func refusesASecondRouteOfOneAliasInAPool() throws {
    let second = try makeRoute("a", provider: "file:b")
    registry.apply(adding: [try makeRoute("a")])
    let applied = registry.apply(adding: [second])
    #expect(applied.refused == [second.id])
    #expect(registry.get("a")?.id.provider.text == "file:routes")
    #expect(registry.generation == 1)
  }

  @Test func aRouteThatChangesItsPoolIsInOneOnly() throws {
    registry.apply(adding: [try makeRoute("a")])
    registry.apply(adding: [try makeRoute("a", pool: .excluded)])
    #expect(RoutePool.allCases.map { registry.counts[$0] } == [0, 0, 1])
  }

  @Test func anAliasChangesHandsInOneBatch() throws {
    registry.apply(adding: [try makeRoute("a"), try makeRoute("a", pool: .excluded, provider: "file:b")])
    let applied = registry.apply(adding: [try makeRoute("a", provider: "file:b"), try makeRoute("a", pool: .excluded)])
    #expect(applied.refused.isEmpty)
    #expect(registry.get("a")?.id.provider.text == "file:b")
  }

  @Test func aRouteThatMayNotMoveStaysWhereItIs() throws {
    let mover = try makeRoute("a", provider: "file:mover")
    let holder = try makeRoute("a", pool: .stream, provider: "file:holder")
    registry.apply(adding: [mover, holder, try makeRoute("a", pool: .excluded, provider: "file:waiting")])
    let applied = registry.apply(adding: [
      try makeRoute("a", pool: .stream, provider: "file:mover"), try makeRoute("a", provider: "file:waiting"),
    ])
    #expect(applied.refused.map(\.provider.text).sorted() == ["file:mover", "file:waiting"])
    #expect(
      registry.snapshot.entries.map { "\($0.registered.pool) \($0.registered.id.provider)" } == [
        "http file:mover", "stream file:holder", "excluded file:waiting",
      ])
  }

  @Test func theFirstPoolKeepsTheAliasAsItsKey() throws {
    registry.apply(adding: [
      try makeRoute("plex", pool: .excluded, provider: "file:c"),
      try makeRoute("plex", pool: .stream, provider: "file:b"),
      try makeRoute("plex"),
    ])
    let keys = registry.snapshot.entries.map(\.key)
    #expect(keys == ["plex", "stream:file:b:plex", "excluded:file:c:plex"])
    #expect(registry.snapshot.entry("excluded:file:c:plex")?.route.pool == .excluded)

    let applied = registry.apply(adding: [], removing: [try makeRoute("plex").id])
    #expect(applied.removed.map(\.key) == ["plex"])
    #expect(registry.snapshot.entries.map(\.key) == ["plex", "excluded:file:c:plex"])
  }

  @Test func excludedRoutesOfOneAliasAreAllKept() throws {
    registry.apply(adding: [
      try makeRoute("plex"), try makeRoute("plex", pool: .excluded, ordinal: 1),
      try makeRoute("plex", pool: .excluded, ordinal: 2),
    ])
    #expect(
      registry.snapshot.entries.map(\.key) == ["plex", "excluded:file:routes:plex#2", "excluded:file:routes:plex#3"])
    #expect(Set(registry.snapshot.healthInfo.map(\.key)).count == 3)
  }

  @Test func groupsEveryPoolByProvider() throws {
    registry.apply(adding: [
      try makeRoute("z", provider: "file:b"), try makeRoute("a", pool: .excluded, provider: "file:b"),
      try makeRoute("m", provider: "file:a"),
    ])
    let groups = registry.snapshot.byProvider
    #expect(groups.map(\.provider.text) == ["file:a", "file:b"])
    #expect(groups[1].entries.map(\.route.alias.text) == ["a", "z"])
  }

  @Test func readersSeeWholeBatchesOnly() async throws {
    let pairs = try (0..<200).map { try [makeRoute("a\($0)"), makeRoute("b\($0)")] }
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for pair in pairs { registry.apply(adding: pair) }
        return true
      }
      group.addTask {
        (0..<200).allSatisfy { _ in registry.snapshot.entries.count.isMultiple(of: 2) }
      }
      for await isWhole in group { #expect(isWhole) }
    }
    #expect(registry.counts.http == 400)
  }
}
