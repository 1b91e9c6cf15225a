package import RouteRegistry

/// Finds the route that a request is for, by the rule of its Host, and the binding in which one event loop serves it.
package struct RouteFinder {
  private let registry: RouteRegistry
  private var hostRule: HostRule
  private var bindings = RouteBindings<ProxyRouteBinding>()
  private var generation: UInt64 = 0

  /// - Parameter matchDomains: `proxy.match_domains`.
  package init(registry: RouteRegistry, matchDomains: [String] = []) {
    self.registry = registry
    hostRule = HostRule(matchDomains: matchDomains)
  }

  /// The binding of the route of a host; nil if it has no route.
  ///
  /// - Parameters:
  ///   - host: the host's name, without port and brackets.
  ///   - makeBinding: called for a route that this event loop has not served yet.
  package mutating func binding(of host: RawSpan, makeBinding: (RegisteredRoute) -> ProxyRouteBinding)
    -> ProxyRouteBinding?
  {
    let alias = host.extracting(first: aliasLength(of: host) ?? host.byteCount)
    return bindings.http(alias: alias, host: host, in: registry, bind: makeBinding)
  }

  func aliasLength(of host: RawSpan) -> Int? { hostRule.aliasLength(of: host) }

  /// Bindings hold their routes, so none can be taken for a later one; those of routes that changed or left are let go. Whether
  /// the registry has changed at all.
  mutating func forgetChangedBindings() -> Bool {
    let now = registry.generation
    guard now != generation else { return false }
    generation = now
    bindings.forgetChanged(in: registry)
    return true
  }

  /// Forgets every binding, and has another rule from now on.
  mutating func apply(_ rule: HostRule) {
    hostRule = rule
    bindings.removeAll()
  }
}
