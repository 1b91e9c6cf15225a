package import RouteRegistry

/// Finds the route for the host of a request, as the binding of one event loop.
package struct RouteFinder: ~Copyable {
  private let registry: RouteRegistry
  private var hostRule: HostRule
  private var bindings = RouteBindings<ProxyRouteBinding>()
  private var generation: UInt64 = 0

  /// - Parameter matchDomains: `proxy.match_domains`.
  package init(registry: RouteRegistry, matchDomains: [String] = []) {
    self.registry = registry
    hostRule = HostRule(matchDomains: matchDomains)
  }

  /// The binding of the route for a host; nil if there is no route.
  ///
  /// - Parameters:
  ///   - host: the host name, without port and brackets.
  ///   - makeBinding: called for a route without a binding.
  package mutating func binding(of host: RawSpan, makeBinding: (RegisteredRoute) -> ProxyRouteBinding)
    -> BindingReference<ProxyRouteBinding>?
  {
    let alias = host.extracting(first: aliasLength(of: Span(_bytes: host)) ?? host.byteCount)
    return bindings.http(alias: alias, host: host, in: registry, bind: makeBinding)
  }

  func aliasLength(of host: Span<UInt8>) -> Int? { hostRule.aliasLength(of: host) }

  /// Removes the bindings of routes that have changed or left the registry.
  ///
  /// - Returns: whether the registry has changed since the last call.
  mutating func forgetChangedBindings() -> Bool {
    let now = registry.generation
    guard now != generation else { return false }
    generation = now
    bindings.forgetChanged(in: registry)
    return true
  }

  /// Replaces the rule and removes all bindings.
  mutating func apply(_ rule: HostRule) {
    hostRule = rule
    bindings.removeAll()
  }
}
