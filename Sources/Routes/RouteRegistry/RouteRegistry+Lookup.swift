import Logging

// All O(1). Names are asked for as text or as the bytes of a header field, which need be no valid UTF-8; case and one dot at
// the end do not count. What is lent to a closure may be kept by copying the reference; the closure runs at once and should
// be short.
extension RouteRegistry {
  /// Lends the active route of that alias: HTTP first, then stream, never an excluded one. Nil where there is none. O(1).
  @inlinable
  public func withRoute<Result>(_ alias: RawSpan, _ body: (RegisteredRoute) -> Result) -> Result? {
    guard let loan = borrow(alias) else { return nil }
    defer { readers.leave(loan.slot) }
    return loan.route._withUnsafeGuaranteedRef(body)
  }

  @inlinable
  public func withRoute<Result>(_ alias: String, _ body: (RegisteredRoute) -> Result) -> Result? {
    withRoute(alias.utf8.span.bytes, body)
  }

  /// The active route of that alias: HTTP first, then stream, never an excluded one.
  package func get(_ alias: String) -> RegisteredRoute? { withRoute(alias) { $0 } }

  /// Lends the HTTP route of that alias, or else of that whole host, or else of the wildcard in place of the host's first
  /// label: `*.example.org` has `a.example.org`, and neither `example.org` nor `a.b.example.org`.
  /// O(1).
  @inlinable
  public func withHTTPRouteOrExact<Result>(
    alias: RawSpan, host: RawSpan, _ body: (RegisteredRoute) -> Result
  ) -> Result? {
    guard let loan = borrowHTTP(alias: alias, host: host) else { return nil }
    defer { readers.leave(loan.slot) }
    return loan.route._withUnsafeGuaranteedRef(body)
  }

  /// The HTTP route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getHTTPRouteOrExact(alias: RawSpan, host: RawSpan) -> RegisteredRoute? {
    withHTTPRouteOrExact(alias: alias, host: host) { $0 }
  }

  /// The stream route of that alias, whatever HTTP route has it too.
  package func getStreamRoute(_ alias: String) -> RegisteredRoute? { getStreamRouteOrExact(alias: alias, host: "") }

  /// The stream route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getStreamRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    guard let loan = borrowStream(alias: alias.utf8.span.bytes, host: host.utf8.span.bytes) else { return nil }
    defer { readers.leave(loan.slot) }
    return loan.route._withUnsafeGuaranteedRef { $0 }
  }

  /// Lets a request carry the HTTP route that serves it; false where there is none. Carrying it allocates nothing.
  @discardableResult @inlinable
  public func route<Head>(_ request: inout RoutedRequest<Head>, alias: RawSpan, host: RawSpan) -> Bool {
    guard let route = routeToCarry(alias: alias, host: host) else { return false }
    request.attach(route)
    return true
  }

  @usableFromInline
  func routeToCarry(alias: RawSpan, host: RawSpan) -> RegisteredRoute? {
    guard let route = getHTTPRouteOrExact(alias: alias, host: host) else { return nil }
    if isDebugging { log("route attached to a request", route, generation) }
    return route
  }
}
