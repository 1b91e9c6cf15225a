package import RouteModel

/// The decision of a validation: everything about a route but which of several addresses answers.
package struct ValidatedRoute: Hashable, Sendable {
  package var declaration: RouteDeclaration
  package var scheme: RouteScheme
  package var pool: RoutePool
  package var excludedReason: String?
  package var link: ProxmoxLink
  package var plan: TargetPlan
  package var trust: UpstreamTrust
  package var steps: [LinkStep]

  package init(
    declaration: RouteDeclaration, scheme: RouteScheme, pool: RoutePool, excludedReason: String?, link: ProxmoxLink,
    plan: TargetPlan, trust: UpstreamTrust, steps: [LinkStep]
  ) {
    self.declaration = declaration
    self.scheme = scheme
    self.pool = pool
    self.excludedReason = excludedReason
    self.link = link
    self.plan = plan
    self.trust = trust
    self.steps = steps
  }
}
