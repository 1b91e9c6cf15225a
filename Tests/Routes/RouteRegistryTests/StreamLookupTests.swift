import RouteModel
import RouteRegistry
import Testing

/// Following the registry, and finding streams in it.
@Suite(.timeLimit(.minutes(5))) struct StreamLookupTests {
  @Test func notifiesFollowersOfTheNewestGeneration() async throws {
    let registry = RouteRegistry()
    var generations = registry.generations().makeAsyncIterator()
    #expect(await generations.next() == 0)
    registry.apply(adding: [try makeRoute("a")])
    registry.apply(adding: [try makeRoute("b")])
    // The reader was slow.
    #expect(await generations.next() == 2)
    registry.recordChange()
    #expect(await generations.next() == 3)
    registry.removeAll()
    #expect(await generations.next() == 4)
  }

  @Test func aBatchThatChangesNothingIsNoGeneration() async throws {
    let registry = RouteRegistry()
    var generations = registry.generations().makeAsyncIterator()
    registry.apply(adding: [], removing: [try makeRoute("a").id])
    #expect(await generations.next() == 0)
    registry.apply(adding: [try makeRoute("a")])
    #expect(await generations.next() == 1)
  }

  @Test func findsTheStreamOfAnAliasThatAnHTTPRouteHasToo() throws {
    let registry = RouteRegistry()
    let (http, stream) = (try makeRoute("git"), try makeRoute("git", pool: .stream, provider: "file:streams"))
    registry.apply(adding: [http, stream, try makeRoute("web")])
    #expect(registry.getStreamRoute("GIT")?.id == stream.id)
    #expect(registry.getStreamRoute("web") == nil)
    #expect(registry.get("git")?.id == http.id)
  }

  @Test(
    arguments: [
      ("git", "other.example.org", "git"), ("", "a.example.org", "a.example.org"),
      ("", "b.example.org", "*.example.org"), ("none", "b.example.org", "*.example.org"),
      ("", "a.b.example.org", nil), ("", "example.org", nil),
    ])
  func findsStreamsByHost(_ alias: String, _ host: String, _ expected: String?) throws {
    let registry = RouteRegistry()
    registry.apply(
      adding: try ["git", "a.example.org", "*.example.org"].map { try makeRoute($0, pool: .stream) }
        + [try makeRoute("http.example.org")])
    #expect(registry.getStreamRouteOrExact(alias: alias, host: host)?.id.alias.text == expected)
  }
}
