import RouteModel
import RouteRegistry
import Testing

@Suite struct LookupTests {
  let registry = RouteRegistry()

  @Test(
    arguments: [
      ("a", "A"), ("abc", "aBc"), ("plex", "PLEX"), ("jellyfin", "JellyFin"), ("home-assistant", "Home-Assistant"),
      ("sixteen-bytes-ab", "SIXTEEN-bytes-ab"), ("plex.home.example.org", "plex.Home.Example.ORG."),
      ("exactly-thirty-two-bytes.home.ab", "EXACTLY-thirty-two-bytes.home.ab."),
      (
        "a-name-that-is-longer.than-thirty-two.bytes.example.org",
        "A-name-that-is-longer.than-thirty-two.bytes.example.ORG"
      ),
    ])
  func findsAnAliasOfAnyLengthWithoutCase(alias: String, asked: String) throws {
    registry.apply(adding: [try makeRoute(alias)])
    #expect(registry.get(alias)?.id.alias.text == alias)
    #expect(registry.get(asked)?.id.alias.text == alias)
    #expect(registry.get(alias + "x") == nil)
    #expect(registry.get(String(alias.dropLast())) == nil)
    #expect(registry.get("x" + alias.dropFirst()) == nil || alias == "x")
    #expect(registry.get(alias.dropLast() + "_") == nil)
  }

  @Test(arguments: [
    "", ".", "..", ".example.org", "ä", "plex ", "plex\0", "[::1]", String(repeating: "a", count: 10_000),
  ])
  func whatIsNoAliasIsNotFound(asked: String) throws {
    registry.apply(adding: [try makeRoute("plex"), try makeRoute("*.example.org")])
    #expect(registry.get(asked) == nil)
    #expect(registry.getHTTPRouteOrExact(alias: asked, host: asked) == nil)
  }

  @Test func distinguishesNamesThatDifferInOneByte() throws {
    let stem = "a-name-that-is-longer.than-thirty-two.bytes.example.org"
    let names = stem.indices.filter { stem[$0] != "." }.map { index in
      stem[..<index] + (stem[index] == "z" ? "y" : "z") + stem[stem.index(after: index)...]
    }
    registry.apply(adding: try names.map { try makeRoute(String($0)) })
    for name in names { #expect(registry.get(String(name))?.id.alias.text == String(name)) }
    #expect(registry.get(stem) == nil)
  }

  /// Bit 0x20 alone is ignored by the hash, which so is the same for the digit and the control character.
  @Test(arguments: 1...40)
  func comparesEachByteBehindTheSameHash(length: Int) throws {
    let alias = Array(repeating: UInt8(ascii: "1"), count: length)
    registry.apply(adding: [try makeRoute(String(decoding: alias, as: UTF8.self))])
    #expect(registry.get(alias: alias.span.bytes) != nil)
    #expect(registry.identity(alias: alias.span.bytes) != nil)
    #expect(registry.httpIdentity(alias: alias.span.bytes, host: alias.span.bytes) != nil)
    for index in 0..<length {
      var other = alias
      other[index] ^= 0x20
      let bytes = other.span.bytes
      #expect(registry.get(alias: bytes) == nil, "byte \(index)")
      #expect(registry.identity(alias: bytes) == nil, "byte \(index)")
      #expect(registry.httpIdentity(alias: bytes, host: bytes) == nil, "byte \(index)")
    }
  }

  @Test func aWildcardHasOneLabelAndComesLast() throws {
    registry.apply(adding: [
      try makeRoute("*.example.org"), try makeRoute("wiki.example.org"), try makeRoute("plex"),
      try makeRoute("*.stream.example", pool: .stream),
    ])
    func find(_ alias: String, _ host: String) -> String? {
      registry.getHTTPRouteOrExact(alias: alias, host: host)?.id.alias.text
    }
    #expect(find("anything", "anything.example.org") == "*.example.org")
    #expect(find("anything", "ANYTHING.Example.org.") == "*.example.org")
    #expect(find("wiki", "wiki.example.org") == "wiki.example.org")
    #expect(find("plex", "plex.example.org") == "plex")
    #expect(find("example", "example.org") == nil)
    #expect(find("a", "a.b.example.org") == nil)
    #expect(find("a", "a.stream.example") == nil, "a stream")
    #expect(registry.get("anything.example.org") == nil, "only hosts are matched by wildcards")
  }

  @Test func aWildcardEndsWithItsRoute() throws {
    let wildcard = try makeRoute("*.example.org")
    registry.apply(adding: [wildcard])
    registry.apply(adding: [], removing: [wildcard.id])
    #expect(registry.getHTTPRouteOrExact(alias: "a", host: "a.example.org") == nil)
    registry.apply(adding: [wildcard])
    #expect(registry.getHTTPRouteOrExact(alias: "a", host: "a.example.org") === wildcard)
  }

  @Test(arguments: [
    ("plex", "plex.home.arpa", "plex"), ("PLEX", "PLEX.home.arpa", "plex"),
    ("wiki", "Wiki.Example.org.", "wiki.example.org"),
    ("a", "a.example.org", "*.example.org"), ("a", "a.b.example.org", nil), ("ssh", "ssh", nil), ("", "", nil),
  ])
  func findsByTheBytesOfAHeaderField(alias: String, host: String, found: String?) throws {
    registry.apply(adding: [
      try makeRoute("*.example.org"), try makeRoute("wiki.example.org"), try makeRoute("plex"),
      try makeRoute("ssh", pool: .stream),
    ])
    let field = Array("Host: \(alias) \(host)".utf8)
    let start = field.count - host.utf8.count
    let name = field.span.extracting(6..<6 + alias.utf8.count).bytes
    let whole = field.span.extracting(start..<field.count).bytes
    let route = registry.getHTTPRouteOrExact(alias: name, host: whole)
    #expect(route?.id.alias.text == found)
    #expect(registry.httpIdentity(alias: name, host: whole) == route.map(registry.identity))
    var request = RoutedRequest<_, RouteBinding>(())
    #expect(registry.route(&request, alias: alias, host: host) == (found != nil))
    #expect(request.route === route)
    #expect(registry.identity(alias: name) == registry.get(alias).map(registry.identity))
  }

  @Test(arguments: [0, 1, 7, 8, 16, 31, 33, 253, 254, 255, 256, 9000])
  func bytesThatAreNoTextFindNothing(count: Int) throws {
    registry.apply(adding: [try makeRoute("*.example.org")])
    let bytes = [UInt8](repeating: 0xff, count: count)
    let host = bytes + Array(".example.org".utf8)
    let name = bytes.span.bytes
    #expect(registry.identity(alias: name) == nil)
    #expect(registry.httpIdentity(alias: name, host: name) == nil)
    #expect((registry.httpIdentity(alias: name, host: host.span.bytes) != nil) == (count > 0))
    let longer = Array("x.".utf8) + bytes
    #expect(registry.httpIdentity(alias: name, host: longer.span.bytes) == nil)
  }

  @Test("A removed and re-added name has its new route, and no other")
  func distinguishesARouteFromItsPredecessor() throws {
    let (first, second) = (try makeRoute("plex"), try makeRoute("plex"))
    registry.apply(adding: [first])
    #expect(registry.identity(alias: "plex") == registry.identity(of: first) && registry.has(first))
    registry.apply(adding: [], removing: [first.id])
    #expect(registry.identity(alias: "plex") == nil && registry.get("plex") == nil && !registry.has(first))
    registry.apply(adding: [second])
    #expect(
      registry.identity(alias: "PLEX") == registry.identity(of: second) && registry.has(second) && !registry.has(first))
  }

  @Test func keepsARouteForWhoeverHoldsIt() throws {
    registry.apply(adding: [try makeRoute("plex")])
    let held = try #require(registry.get("plex"))
    registry.removeAll()
    for number in 0..<1000 { registry.apply(adding: [try makeRoute("r\(number)")]) }
    #expect(held.id.alias.text == "plex")
  }

  @Test func releasesRoutesThatAreNoLongerUsed() throws {
    weak var gone: RegisteredRoute?
    do {
      let route = try makeRoute("plex")
      gone = route
      registry.apply(adding: [route])
      registry.apply(adding: [], removing: [route.id])
    }
    for number in 0..<200 { registry.apply(adding: [try makeRoute("r\(number)")]) }
    for number in 0..<200 { registry.apply(adding: [try makeRoute("r\(number)")]) }
    #expect(gone == nil)
  }
}
