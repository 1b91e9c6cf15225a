import RouteModel
import RouteRegistry
import Testing

@Suite struct SnapshotTests {
  let registry = RouteRegistry()

  @Test func isTheSameHoweverItCameAbout() throws {
    var generator = SystemRandomNumberGenerator()
    let pools = RoutePool.allCases
    for round in 0..<1200 {
      let number = Int.random(in: 0..<(round < 900 ? 150 : 8), using: &generator)
      let route = try makeRoute("r\(number)", pool: pools[round % 3], provider: "file:\(round % 4)")
      registry.apply(adding: [route], removing: round.isMultiple(of: 7) ? [try makeRoute("r\(number)").id] : [])
      guard round.isMultiple(of: 3) else { continue }
      // The first was merged from the previous snapshot, the second is made from scratch.
      let merged = registry.snapshot
      let other = RouteRegistry()
      other.apply(adding: merged.entries.map(\.registered))
      #expect(merged.entries.map(\.key) == other.snapshot.entries.map(\.key))
      #expect(merged.counts == other.counts)
      #expect(merged.counts.all == merged.entries.count)
    }
  }

  @Test func stopsWhereTheReaderStops() throws {
    registry.apply(adding: try ["a", "b", "c"].map { try makeRoute($0) } + [try makeRoute("d", pool: .excluded)])
    var seen: [String] = []
    for entry in registry.snapshot.active {
      seen.append(entry.key)
      if seen.count == 2 { break }
    }
    #expect(seen == ["a", "b"])
    #expect(registry.snapshot.active.map(\.key) == ["a", "b", "c"])
    #expect((registry.counts.active, registry.counts.all) == (3, 4))
  }

  @Test func findsEveryEntryByItsKey() throws {
    registry.apply(adding: [
      try makeRoute("Plex"), try makeRoute("plex", pool: .stream, provider: "file:b"),
      try makeRoute("plex", pool: .excluded, provider: "file:routes.d/c"),
      try makeRoute("plex", pool: .excluded, provider: "file:routes.d/c", ordinal: 1), try makeRoute("*.example.org"),
    ])
    let snapshot = registry.snapshot
    for entry in snapshot.entries {
      #expect(snapshot.entry(entry.key)?.registered === entry.registered)
      #expect(snapshot.entry(entry.key.uppercased())?.registered === entry.registered)
      #expect(snapshot.entry(of: entry.registered.id)?.key == entry.key)
    }
    #expect(snapshot.entry("stream:file:b:nobody") == nil)
    #expect(snapshot.entry("nobody") == nil)
    #expect(snapshot.entry(":") == nil)
  }

  @Test func reportsHealthInThreeFormsByKey() throws {
    registry.apply(adding: [
      try makeRoute("plex"), try makeRoute("plex", pool: .stream, provider: "file:b"),
      try makeRoute("plex", pool: .excluded, provider: "file:c"),
    ])
    let keys = ["plex", "stream:file:b:plex", "excluded:file:c:plex"]
    let snapshot = registry.snapshot
    #expect(snapshot.healthInfo.map(\.key) == keys)
    #expect(snapshot.healthInfo.map(\.health.detail) == Array(repeating: "not checked yet", count: 3))
    #expect(snapshot.healthSummaries.map(\.key) == keys)
    #expect(snapshot.healthSummaries.allSatisfy { $0.health.uptime == .zero && $0.health.latency == nil })
    #expect(snapshot.healthStatuses.map(\.health) == [.unknown, .unknown, .unknown])
  }
}
