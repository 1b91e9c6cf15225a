import Glibc
import RouteModel
import Synchronization

// All O(1). Names are asked for as text or as the bytes of a header field, which need be no valid UTF-8; case and one dot at
// the end do not count.

// Which route it is: without a lock, and without a write to anything that is shared.
extension RouteRegistry {
  /// The active route of that alias: HTTP first, then stream, never an excluded one. Nil where there is none. O(1).
  public func identity(alias: RawSpan) -> RouteIdentity? {
    let key = AliasKey(alias, seed: seed)
    return look { $0.active(key) }
  }

  package func identity(alias: String) -> RouteIdentity? { identity(alias: alias.utf8.span.bytes) }

  /// The HTTP route of that alias, or else of that whole host, or else of the wildcard in place of the host's first label:
  /// `*.example.org` has `a.example.org`, and neither `example.org` nor `a.b.example.org`. O(1).
  public func httpIdentity(alias: RawSpan, host: RawSpan) -> RouteIdentity? {
    let key = AliasKey(alias, seed: seed)
    return look { $0.http(key) ?? http(host: host, in: $0) }
  }

  /// Whether lookups by its alias find exactly this route.
  package func has(_ route: RegisteredRoute) -> Bool {
    let key = AliasKey(route.id.alias.folded, seed: seed)
    return look { route.pool == .stream ? $0.stream(key) : $0.http(key) } == route.identity
  }

  /// Looks again until no batch was carried out meanwhile: what was seen then is all of one generation.
  @inline(__always)
  private func look(_ find: (AliasTable) -> ActiveRoutes.Reference?) -> RouteIdentity? {
    while true {
      let before = evenProgress()
      let found = table.load(ordering: .acquiring)._withUnsafeGuaranteedRef(find)
      atomicMemoryFence(ordering: .acquiring)
      if progress.load(ordering: .relaxed) == before { return found.map(RouteIdentity.init) }
    }
  }

  /// Waits until no batch is being put into the table: a few at most are put there, each in some ten nanoseconds.
  @inline(__always)
  private func evenProgress() -> UInt64 {
    let now = progress.load(ordering: .acquiring)
    return now & 1 == 0 ? now : nextEvenProgress()
  }

  @inline(never)
  private func nextEvenProgress() -> UInt64 {
    var looks = 0
    while true {
      let now = progress.load(ordering: .acquiring)
      if now & 1 == 0 { return now }
      looks += 1
      if looks.isMultiple(of: 100) { sched_yield() }
    }
  }
}

// The route itself, to be kept: under a lock that the writer holds for the moment of a change, and the reference is counted
// where all threads count. Those who ask often keep what they were given, and compare its identity.
extension RouteRegistry {
  /// The active route of that alias: HTTP first, then stream, never an excluded one.
  public func get(alias: RawSpan) -> RegisteredRoute? {
    let key = AliasKey(alias, seed: seed)
    return own { $0.active(key) }
  }

  package func get(_ alias: String) -> RegisteredRoute? { get(alias: alias.utf8.span.bytes) }

  /// The HTTP route of that alias, or else of that whole host, or else of the wildcard over it.
  public func getHTTPRouteOrExact(alias: RawSpan, host: RawSpan) -> RegisteredRoute? {
    let key = AliasKey(alias, seed: seed)
    return own { $0.http(key) ?? http(host: host, in: $0) }
  }

  /// The stream route of that alias, whatever HTTP route has it too.
  package func getStreamRoute(_ alias: String) -> RegisteredRoute? { getStreamRouteOrExact(alias: alias, host: "") }

  /// The stream route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getStreamRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    let (key, host) = (AliasKey(alias, seed: seed), host.utf8.span.bytes)
    return own { $0.stream(key) ?? stream(host: host, in: $0) }
  }

  private func own(_ find: (AliasTable) -> ActiveRoutes.Reference?) -> RegisteredRoute? {
    withChangesHeld { table.load(ordering: .acquiring)._withUnsafeGuaranteedRef(find)?.takeUnretainedValue() }
  }
}

// By host.
extension RouteRegistry {
  @inline(__always)
  private func http(host: RawSpan, in table: AliasTable) -> ActiveRoutes.Reference? {
    if let route = table.http(AliasKey(host, seed: seed)) { return route }
    return table.hasWildcards ? wildcard(over: host).flatMap(table.http) : nil
  }

  private func stream(host: RawSpan, in table: AliasTable) -> ActiveRoutes.Reference? {
    if let route = table.stream(AliasKey(host, seed: seed)) { return route }
    return table.hasWildcards ? wildcard(over: host).flatMap(table.stream) : nil
  }

  /// The key of `*` in place of the host's first label.
  @inline(never)
  private func wildcard(over host: RawSpan) -> AliasKey? {
    // An alias has at most 253 bytes, and a host may have a dot more.
    var wildcard = InlineArray<256, UInt8>(repeating: UInt8(ascii: "*"))
    let bytes = Span<UInt8>(_bytes: host)
    guard let dot = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: ".") }), dot > 0 else { return nil }
    let length = 1 + bytes.count - dot
    guard length <= wildcard.count else { return nil }
    for index in dot..<bytes.count { wildcard[1 + index - dot] = bytes[index] }
    return AliasKey(wildcard.span.bytes.extracting(first: length), seed: seed)
  }
}
