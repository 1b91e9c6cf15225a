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
    let slot = readers.enter()
    let route = currentTable._withUnsafeGuaranteedRef { $0.find(key, alias) }?._withUnsafeGuaranteedRef { $0.active }
    // Found in the middle of a batch: a lookup after this one must not find what was before it.
    while progress.load(ordering: .sequentiallyConsistent) & 1 != 0 { sched_yield() }
    return Loan(slot: slot, route: route)
  }

  @usableFromInline
  func borrowHTTP(alias: String, host: String) -> Loan {
    let key = AliasKey(alias)
    let slot = readers.enter()
    while true {
      let before = progress.load(ordering: .sequentiallyConsistent)
      let route = httpRoute(key, alias) ?? httpRoute(AliasKey(host), host) ?? wildcardRoute(over: host)
      // Else a batch may have moved a route from one name to the other meanwhile.
      if before & 1 == 0, progress.load(ordering: .sequentiallyConsistent) == before {
        return Loan(slot: slot, route: route)
      }
      sched_yield()
    }
  }

  private func httpRoute(_ key: AliasKey, _ name: String) -> Unmanaged<RegisteredRoute>? {
    let entry = currentTable._withUnsafeGuaranteedRef { $0.find(key, name) }
    return entry?._withUnsafeGuaranteedRef { $0.http }
  }

  private var currentTable: Unmanaged<AliasTable> { table.load(ordering: .sequentiallyConsistent) }

  private func wildcardRoute(over host: String) -> Unmanaged<RegisteredRoute>? {
    guard currentTable._withUnsafeGuaranteedRef({ $0.hasWildcards }) else { return nil }
    guard let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")), dot != host.utf8.startIndex else { return nil }
    let wildcard = "*" + host[dot...]
    return httpRoute(AliasKey(wildcard), wildcard)
  }
}
