import Logging

// All O(1). Names are asked for as text or as the bytes of a header field, which need be no valid UTF-8; case and one dot at
// the end do not count. What is lent to a closure may be kept by copying the reference; the closure runs at once and should
// be short.
extension RouteRegistry {
  /// Lends the active route of that alias: HTTP first, then stream, never an excluded one. Nil where there is none.
  @inlinable
  package func withRoute<Result>(_ alias: RawSpan, _ body: (RegisteredRoute) -> Result) -> Result? {
    let loan = borrow(alias)
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef(body)
  }

  @inlinable
  package func withRoute<Result>(_ alias: String, _ body: (RegisteredRoute) -> Result) -> Result? {
    withRoute(alias.utf8.span.bytes, body)
  }

  /// The active route of that alias: HTTP first, then stream, never an excluded one.
  package func get(_ alias: String) -> RegisteredRoute? { withRoute(alias) { $0 } }

  /// Lends the HTTP route of that alias, or else of that whole host, or else of the wildcard in place of the host's first
  /// label: `*.example.org` has `a.example.org`, and neither `example.org` nor `a.b.example.org`.
  @inlinable
  package func withHTTPRouteOrExact<Result>(
    alias: RawSpan, host: RawSpan, _ body: (RegisteredRoute) -> Result
  ) -> Result? {
    let loan = borrowHTTP(alias: alias, host: host)
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef(body)
  }

  @inlinable
  package func withHTTPRouteOrExact<Result>(
    alias: String, host: String, _ body: (RegisteredRoute) -> Result
  ) -> Result? {
    withHTTPRouteOrExact(alias: alias.utf8.span.bytes, host: host.utf8.span.bytes, body)
  }

  /// The HTTP route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getHTTPRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    withHTTPRouteOrExact(alias: alias, host: host) { $0 }
  }

  /// The stream route of that alias, whatever HTTP route has it too.
  package func getStreamRoute(_ alias: String) -> RegisteredRoute? { getStreamRouteOrExact(alias: alias, host: "") }

  /// The stream route of that alias, or else of that whole host, or else of the wildcard over it.
  package func getStreamRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    let loan = borrowStream(alias: alias.utf8.span.bytes, host: host.utf8.span.bytes)
    defer { readers.leave(loan.slot) }
    return loan.route?._withUnsafeGuaranteedRef { $0 }
  }

  /// Lets a request carry the HTTP route that serves it; false where there is none. Carrying it allocates nothing.
  @discardableResult
  package func route<Head>(_ request: inout RoutedRequest<Head>, alias: RawSpan, host: RawSpan) -> Bool {
    let isFound = withHTTPRouteOrExact(alias: alias, host: host) { request.attach($0) } != nil
    if isDebugging, let route = request.route { log("route attached to a request", route, generation) }
    return isFound
  }

  @discardableResult
  package func route<Head>(_ request: inout RoutedRequest<Head>, alias: String, host: String) -> Bool {
    route(&request, alias: alias.utf8.span.bytes, host: host.utf8.span.bytes)
  }
}
