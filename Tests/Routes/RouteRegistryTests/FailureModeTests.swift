import RouteModel
import RouteRegistry
import Testing

/// The failure modes in the registry's specification, by name.
@Suite struct FailureModeTests {
  let registry = RouteRegistry()

  @Test("Route not found")
  func routeNotFound() throws {
    registry.apply(adding: [try makeRoute("plex"), try makeRoute("old", pool: .excluded)])
    #expect(registry.get("nobody") == nil)
    #expect(registry.get("old") == nil)
    #expect(registry.getHTTPRouteOrExact(alias: "nobody", host: "nobody.example.org") == nil)
  }

  @Test("Context extraction on non-route request")
  func contextExtractionOnNonRouteRequest() {
    let request = RoutedRequest<_, RouteBinding>("GET /")
    #expect(request.route == nil)
    #expect(request.upstreamFacts.allSatisfy { $0 == nil })
  }

  @Test("Concurrent modification during iteration")
  func concurrentModificationDuringIteration() throws {
    registry.apply(adding: try (0..<100).map { try makeRoute("r\($0)") })
    let snapshot = registry.snapshot
    var seen = 0
    for entry in snapshot.entries {
      registry.apply(adding: [try makeRoute("new-\(seen)")], removing: [entry.registered.id])
      seen += 1
    }
    #expect(seen == 100)
    #expect(snapshot.counts.all == 100)
    #expect(registry.counts.all == 100)
    #expect(registry.snapshot.entries.allSatisfy { $0.key.hasPrefix("new-") })
  }
}
