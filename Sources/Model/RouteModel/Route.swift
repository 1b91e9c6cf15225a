/// The three pools. The raw values are what the socket says.
package enum RoutePool: String, Sendable, CaseIterable, Comparable {
  case http, stream, excluded

  /// The order in which a pool keeps an alias as its key: http, then stream, then excluded.
  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .http: 0
    case .stream: 1
    case .excluded: 2
    }
  }
}

/// A route as it is registered: finalised, linked, with its target.
package struct Route: Sendable {
  package var id: RouteID
  package var pool: RoutePool
  package var scheme: RouteScheme
  /// What the route states; where it comes from.
  package var declaration: RouteDeclaration
  /// Nil where there is nobody to send traffic to: the link is open, ambiguous or lost, and the route states no host.
  package var target: Upstream?
  /// Why there is no target; nil where there is one.
  @Rare package var noTargetReason: String?
  package var trust: UpstreamTrust
  /// Why the route is in the excluded pool; nil elsewhere.
  @Rare package var excludedReason: String?
  package var link: ProxmoxLink
  package var healthCheck: HealthCheck
  package var health: HealthCell

  package init(
    id: RouteID, declaration: RouteDeclaration, pool: RoutePool, scheme: RouteScheme, target: Upstream?,
    noTargetReason: String? = nil, trust: UpstreamTrust, excludedReason: String?, link: ProxmoxLink,
    healthCheck: HealthCheck, health: HealthCell
  ) {
    self.id = id
    self.declaration = declaration
    self.pool = pool
    self.scheme = scheme
    self.target = target
    self.noTargetReason = noTargetReason
    self.trust = trust
    self.excludedReason = excludedReason
    self.link = link
    self.healthCheck = healthCheck
    self.health = health
  }

  package var alias: RouteAlias { id.alias }
  package var provider: ProviderName { id.provider }
  /// Why the route is linked and probed, but not served.
  package var restriction: String? { declaration.restriction }

  /// What names the route among all pools where its alias does not: `excluded:file:routes:plex`.
  package var qualifiedKey: RouteKey { "\(pool.rawValue):\(id)" }
}

/// What names a route over all pools: its alias, or ``Route/qualifiedKey`` where another pool holds that alias.
package typealias RouteKey = String
