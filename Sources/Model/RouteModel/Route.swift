package import PeerTrust

/// The three pools. The raw values are those of the socket's API.
package enum RoutePool: String, Sendable, CaseIterable, Comparable {
  case http, stream, excluded

  /// The precedence of pools for an alias as the key: http, then stream, then excluded.
  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .http: 0
    case .stream: 1
    case .excluded: 2
    }
  }
}

/// A registered route: finalised and linked, with its target.
package struct Route: Sendable {
  package var id: RouteID
  package var pool: RoutePool
  package var scheme: RouteScheme
  private var shared: SharedDeclaration
  /// Nil if there is no target: the link is open, ambiguous or lost, and the route states no host.
  package var target: Upstream?
  /// Why there is no target; nil if there is one.
  @Rare package var noTargetReason: String?
  package var trust: TrustPolicy
  /// Why the route is in the excluded pool; nil in other pools.
  @Rare package var excludedReason: String?
  package var link: ProxmoxLink
  package var healthCheck: HealthCheck
  package var health: HealthCell

  package init(
    id: RouteID, declaration: SharedDeclaration, pool: RoutePool, scheme: RouteScheme, target: Upstream?,
    noTargetReason: String? = nil, trust: TrustPolicy, excludedReason: String?, link: ProxmoxLink,
    healthCheck: HealthCheck, health: HealthCell
  ) {
    self.id = id
    shared = declaration
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

  package init(
    id: RouteID, declaration: RouteDeclaration, pool: RoutePool, scheme: RouteScheme, target: Upstream?,
    noTargetReason: String? = nil, trust: TrustPolicy, excludedReason: String?, link: ProxmoxLink,
    healthCheck: HealthCheck, health: HealthCell
  ) {
    self.init(
      id: id, declaration: SharedDeclaration(declaration), pool: pool, scheme: scheme, target: target,
      noTargetReason: noTargetReason, trust: trust, excludedReason: excludedReason, link: link,
      healthCheck: healthCheck, health: health)
  }

  /// The declaration with its origin.
  package var declaration: RouteDeclaration {
    get { shared.value }
    set { shared = SharedDeclaration(newValue) }
  }

  package var alias: RouteAlias { id.alias }
  package var provider: ProviderName { id.provider }
  /// Why the route is linked and probed, but not served.
  package var restriction: String? { shared.value.restriction }
  /// The name for the TLS handshake with the upstream; nil means the host.
  package var tlsServerName: TLSServerName? { shared.value.tlsServerName }

  /// The key of a route whose alias is not unique across pools: `excluded:file:routes:plex`.
  package var qualifiedKey: RouteKey { "\(pool.rawValue):\(id)" }
}

/// The unique key of a route: its alias, or ``Route/qualifiedKey`` if another pool has the same alias.
package typealias RouteKey = String

extension Route {
  /// Why the route has no target until a person changes the route or the cluster; nil for a route that gets its target
  /// by itself, such as when a guest is started or a cluster is read.
  package var openReason: String? {
    guard target == nil else { return nil }
    switch link {
    case .linked: return nil
    case .ambiguous(_, let reason): return reason
    case .unlinked(let reason): return reason.code == .inventoryPending ? nil : reason.detail
    }
  }
}
