import Glibc
import Logging
import Synchronization

// All O(1). What is lent to a closure may be kept by copying the reference; the closure runs at once and should be short.
extension RouteRegistry {
  /// Lends the active route of that alias: HTTP first, then stream, never an excluded one. Nil where there is none.
  @inlinable
  package func withRoute<Result>(_ alias: String, _ body: (RegisteredRoute) -> Result) -> Result? {
    let loan = borrow(alias)
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef(body)
  }

  /// The active route of that alias: HTTP first, then stream, never an excluded one.
  package func get(_ alias: String) -> RegisteredRoute? { withRoute(alias) { $0 } }

  /// Lends the HTTP route of that alias, or else of that whole host, or else of the wildcard in place of the host's first
  /// label: `*.example.org` has `a.example.org`, and neither `example.org` nor `a.b.example.org`.
  @inlinable
  package func withHTTPRouteOrExact<Result>(
    alias: String, host: String, _ body: (RegisteredRoute) -> Result
  ) -> Result? {
    let loan = borrowHTTP(alias: alias, host: host)
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef(body)
  }

  /// The HTTP route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getHTTPRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    withHTTPRouteOrExact(alias: alias, host: host) { $0 }
  }

  /// The stream route of that alias.
  package func getStreamRoute(_ alias: String) -> RegisteredRoute? {
    let key = AliasKey(alias)
    return take(look { $0.stream(key, alias) })
  }

  /// The stream route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getStreamRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    let key = AliasKey(alias)
    return take(
      look { table in
        table.stream(key, alias) ?? table.stream(AliasKey(host), host)
          ?? Self.wildcard(over: host, in: table).flatMap { table.stream(AliasKey($0), $0) }
      })
  }

  /// Lets a request carry the HTTP route that serves it; false where there is none. Carrying it allocates nothing.
  @discardableResult
  package func route<Head>(_ request: inout RoutedRequest<Head>, alias: String, host: String) -> Bool {
    let isFound = withHTTPRouteOrExact(alias: alias, host: host) { request.attach($0) } != nil
    if isDebugging, let route = request.route { log("route attached to a request", route, generation) }
    return isFound
  }

  /// A route that stays alive until the slot is left.
  @usableFromInline
  struct Loan {
    @usableFromInline let slot: Int
    @usableFromInline let route: Unmanaged<RegisteredRoute>?
  }

  @usableFromInline
  func borrow(_ alias: String) -> Loan {
    let key = AliasKey(alias)
    return look { $0.active(key, alias) }
  }

  @usableFromInline
  func borrowHTTP(alias: String, host: String) -> Loan {
    let key = AliasKey(alias)
    return look { table in
      table.http(key, alias) ?? table.http(AliasKey(host), host)
        ?? Self.wildcard(over: host, in: table).flatMap { table.http(AliasKey($0), $0) }
    }
  }

  /// Looks again until no batch was carried out meanwhile: what was seen then is all of one generation.
  @inline(__always)
  private func look(_ find: (AliasTable) -> Unmanaged<RegisteredRoute>?) -> Loan {
    let slot = readers.enter()
    while true {
      // After the claim, in the one order that all processors agree on.
      let before = progress.load(ordering: .sequentiallyConsistent)
      if before & 1 == 0 {
        let route = table.load(ordering: .sequentiallyConsistent)._withUnsafeGuaranteedRef(find)
        atomicMemoryFence(ordering: .acquiring)
        if progress.load(ordering: .relaxed) == before { return Loan(slot: slot, route: route) }
      } else {
        sched_yield()
      }
    }
  }

  private func take(_ loan: Loan) -> RegisteredRoute? {
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef { $0 }
  }

  private static func wildcard(over host: String, in table: AliasTable) -> String? {
    guard table.hasWildcards else { return nil }
    guard let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), dot != host.utf8.startIndex else { return nil }
    return "*" + host[dot...]
  }
}
