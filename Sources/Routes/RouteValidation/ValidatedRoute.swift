package import RouteModel

/// The decision of a validation: everything about a route but which of several addresses answers.
///
/// How it was decided is made from the same arguments on request: ``RouteValidator/steps(of:previous:conflict:)``.
package struct ValidatedRoute: Hashable, Sendable {
  package var scheme: RouteScheme
  package var pool: RoutePool
  package var excludedReason: String?
  package var link: ProxmoxLink
  package var plan: TargetPlan
  package var trust: UpstreamTrust

  package init(
    scheme: RouteScheme, pool: RoutePool, excludedReason: String?, link: ProxmoxLink, plan: TargetPlan,
    trust: UpstreamTrust
  ) {
    self.scheme = scheme
    self.pool = pool
    self.excludedReason = excludedReason
    self.link = link
    self.plan = plan
    self.trust = trust
  }
}
