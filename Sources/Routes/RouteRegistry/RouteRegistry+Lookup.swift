import Glibc
import RouteModel
import Synchronization

// All O(1). Names are given as text or as the bytes of a header field, which may be invalid UTF-8; case and one dot at
// the end are ignored.

// Identities: without a lock, and without a write to shared memory.
extension RouteRegistry {
  /// The active route for that alias: HTTP first, then stream, never an excluded one; nil if there is none. O(1).
  public func identity(alias: RawSpan) -> RouteIdentity? {
    guard let key = AliasKey(short: alias, seed: seed) else { return identity(longAlias: alias) }
    return identity(key)
  }

  // Not inlined, like the other lookups by what may be long: its many words would take the registers of short ones.
  @inline(never)
  private func identity(longAlias alias: RawSpan) -> RouteIdentity? { identity(AliasKey(alias, seed: seed)) }

  @inline(__always)
  private func identity(_ key: AliasKey) -> RouteIdentity? {
    findIdentity { $0.active(key).map { RouteIdentity($0, key) } }
  }

  package func identity(alias: String) -> RouteIdentity? { identity(alias: alias.utf8.span.bytes) }

  /// The HTTP route for that alias, else for that whole host, else for the wildcard in place of the host's first label:
  /// `*.example.org` matches `a.example.org`, but neither `example.org` nor `a.b.example.org`. O(1).
  public func httpIdentity(alias: RawSpan, host: RawSpan) -> RouteIdentity? {
    guard let key = AliasKey(short: alias, seed: seed) else { return httpIdentity(longAlias: alias, host: host) }
    return httpIdentity(key, host: host)
  }

  @inline(never)
  private func httpIdentity(longAlias alias: RawSpan, host: RawSpan) -> RouteIdentity? {
    httpIdentity(AliasKey(alias, seed: seed), host: host)
  }

  @inline(__always)
  private func httpIdentity(_ key: AliasKey, host: RawSpan) -> RouteIdentity? {
    findIdentity { table in
      if let route = table.http(key) { return RouteIdentity(route, key) }
      return httpIdentity(host: host, in: table)
    }
  }

  @inline(never)
  private func httpIdentity(host: RawSpan, in table: AliasTable) -> RouteIdentity? {
    http(host: host, in: table).map { RouteIdentity($0.route, $0.key) }
  }

  /// The identity that lookups return for the route while they find it.
  package func identity(of route: RegisteredRoute) -> RouteIdentity {
    RouteIdentity(.passUnretained(route), AliasKey(route.id.alias.folded, seed: seed))
  }

  /// Whether lookups by its alias find exactly this route.
  package func has(_ route: RegisteredRoute) -> Bool {
    let key = AliasKey(route.id.alias.folded, seed: seed)
    let found = findIdentity { table in
      (route.pool == .stream ? table.stream(key) : table.http(key)).map { RouteIdentity($0, key) }
    }
    return found == RouteIdentity(.passUnretained(route), key)
  }

  /// Repeats the lookup until no batch was applied meanwhile, so that the result is of one generation.
  @inline(__always)
  private func findIdentity(_ find: (AliasTable) -> RouteIdentity?) -> RouteIdentity? {
    while true {
      let before = evenProgress()
      let found = table.load(ordering: .acquiring)._withUnsafeGuaranteedRef(find)
      atomicMemoryFence(ordering: .acquiring)
      if progress.load(ordering: .relaxed) == before { return found }
    }
  }

  /// Waits until no batch is being applied to the table in place: these are few changes, about ten nanoseconds each.
  @inline(__always)
  private func evenProgress() -> UInt64 {
    let now = progress.load(ordering: .acquiring)
    return now & 1 == 0 ? now : nextEvenProgress()
  }

  @inline(never)
  private func nextEvenProgress() -> UInt64 {
    var attempts = 0
    while true {
      let now = progress.load(ordering: .acquiring)
      if now & 1 == 0 { return now }
      attempts += 1
      if attempts.isMultiple(of: 100) { sched_yield() }
    }
  }
}

// Routes to retain: under a lock that the writer holds for the moment of a change, and with a shared reference count.
// Frequent callers keep the result and compare its identity.
extension RouteRegistry {
  /// The active route for that alias: HTTP first, then stream, never an excluded one.
  public func get(alias: RawSpan) -> RegisteredRoute? {
    let key = AliasKey(alias, seed: seed)
    return findRoute { $0.active(key) }
  }

  package func get(_ alias: String) -> RegisteredRoute? { get(alias: alias.utf8.span.bytes) }

  /// The HTTP route for that alias, else for that whole host, else for its wildcard.
  public func getHTTPRouteOrExact(alias: RawSpan, host: RawSpan) -> RegisteredRoute? {
    let key = AliasKey(alias, seed: seed)
    return findRoute { $0.http(key) ?? http(host: host, in: $0)?.route }
  }

  /// The stream route for that alias, even if an HTTP route has the same alias.
  package func getStreamRoute(_ alias: String) -> RegisteredRoute? { getStreamRouteOrExact(alias: alias, host: "") }

  /// The stream route for that alias, else for that whole host, else for its wildcard.
  package func getStreamRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    let (key, host) = (AliasKey(alias, seed: seed), host.utf8.span.bytes)
    return findRoute { $0.stream(key) ?? stream(host: host, in: $0) }
  }

  private func findRoute(_ find: (AliasTable) -> ActiveRoutes.Reference?) -> RegisteredRoute? {
    withChangesHeld { table.load(ordering: .acquiring)._withUnsafeGuaranteedRef(find)?.takeUnretainedValue() }
  }
}

// Lookups by host.
extension RouteRegistry {
  @inline(__always)
  private func http(host: RawSpan, in table: AliasTable) -> (route: ActiveRoutes.Reference, key: AliasKey)? {
    let key = AliasKey(host, seed: seed)
    if let route = table.http(key) { return (route, key) }
    guard table.hasWildcards, let key = wildcard(over: host) else { return nil }
    return table.http(key).map { ($0, key) }
  }

  private func stream(host: RawSpan, in table: AliasTable) -> ActiveRoutes.Reference? {
    if let route = table.stream(AliasKey(host, seed: seed)) { return route }
    return table.hasWildcards ? wildcard(over: host).flatMap(table.stream) : nil
  }

  /// The key with `*` in place of the host's first label.
  @inline(never)
  private func wildcard(over host: RawSpan) -> AliasKey? {
    // An alias has at most 253 bytes, and a host may have one more dot.
    var wildcard = InlineArray<256, UInt8>(repeating: UInt8(ascii: "*"))
    let bytes = Span<UInt8>(_bytes: host)
    guard let dot = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: ".") }), dot > 0 else { return nil }
    let length = 1 + bytes.count - dot
    guard length <= wildcard.count else { return nil }
    for index in dot..<bytes.count { wildcard[1 + index - dot] = bytes[index] }
    return AliasKey(wildcard.span.bytes.extracting(first: length), seed: seed)
  }
}
