package import PeerTrust
package import RouteModel

/// The result of a validation: everything about a route except which of several addresses answers.
///
/// Its explanation is computed from the same arguments on request: ``RouteValidator/steps(of:previous:conflict:)``.
package struct ValidatedRoute: Hashable, Sendable {
  package var scheme: RouteScheme
  package var pool: RoutePool
  package var excludedReason: String?
  package var link: ProxmoxLink
  package var plan: TargetPlan
  package var trust: TrustPolicy

  package init(
    scheme: RouteScheme, pool: RoutePool, excludedReason: String?, link: ProxmoxLink, plan: TargetPlan,
    trust: TrustPolicy
  ) {
    self.scheme = scheme
    self.pool = pool
    self.excludedReason = excludedReason
    self.link = link
    self.plan = plan
    self.trust = trust
  }
}
