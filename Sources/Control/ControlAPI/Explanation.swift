/// One step of linking a route.
package struct LinkStep: Codable, Hashable, Sendable {
  /// The attempt: `explicit`, `node.address`, `guest.hostname`, …
  package var step: String
  /// `matched`, `missed`, `skipped`, `chosen`, `ambiguous`, `failed` or `info`.
  package var outcome: String
  package var detail: String

  package init(step: String, outcome: String, detail: String) {
    (self.step, self.outcome, self.detail) = (step, outcome, detail)
  }
}

/// `GET /v1/routes/{alias}/explain`: the reasons for a route's link, target and health.
package struct Explanation: Codable, Hashable, Sendable {
  package var alias: String
  package var key: String
  package var provider: String
  /// The position of the route's declaration: `file:line:column`.
  package var declaredAt: String
  @ExplicitNull package var target: String?
  @ExplicitNull package var excludedReason: String?
  @ExplicitNull package var restricted: String?
  package var link: Link
  package var steps: [LinkStep]
  package var health: HealthDetail
  /// The notes about the guest in the route's `proxmox:`: `service plexmediaserver`, `file /var/log/plex.log`.
  package var notes: [String]

  package init(
    route: Route, declaredAt: String, steps: [LinkStep], health: HealthDetail, notes: [String] = []
  ) {
    alias = route.alias
    key = route.key
    provider = route.provider
    self.declaredAt = declaredAt
    _target = ExplicitNull(wrappedValue: route.target)
    _excludedReason = ExplicitNull(wrappedValue: route.excludedReason)
    _restricted = ExplicitNull(wrappedValue: route.restricted)
    link = route.link
    self.steps = steps
    self.health = health
    self.notes = notes
  }

  private enum CodingKeys: String, CodingKey {
    case alias, key, provider, target, restricted, link, steps, health, notes
    case declaredAt = "declared_at"
    case excludedReason = "excluded_reason"
  }
}
