/// A route as served by the agent.
package struct Route: Codable, Hashable, Sendable {
  /// The alias; `pool:provider:alias` if another pool has the same alias.
  package var key: String
  package var alias: String
  package var provider: String
  /// `http`, `stream` or `excluded`.
  package var pool: String
  package var scheme: String
  @ExplicitNull package var listen: String?
  /// Why a stream cannot listen, which is retried; null while it listens, and for a route without its own port.
  @ExplicitNull package var listenError: String?
  /// A URL; null if there is no target.
  @ExplicitNull package var target: String?
  @ExplicitNull package var excludedReason: String?
  /// Why the route is linked and probed but not served: its access restrictions are not enforced.
  @ExplicitNull package var restricted: String?
  package var link: Link
  package var health: Health

  package init(
    key: String, alias: String, provider: String, pool: String, scheme: String, listen: String? = nil,
    listenError: String? = nil, target: String?, excludedReason: String? = nil, restricted: String? = nil, link: Link,
    health: Health
  ) {
    self.key = key
    self.alias = alias
    self.provider = provider
    self.pool = pool
    self.scheme = scheme
    self.listen = listen
    self.listenError = listenError
    self.target = target
    self.excludedReason = excludedReason
    self.restricted = restricted
    self.link = link
    self.health = health
  }

  private enum CodingKeys: String, CodingKey {
    case key, alias, provider, pool, scheme, listen, target, restricted, link, health
    case listenError = "listen_error"
    case excludedReason = "excluded_reason"
  }
}
