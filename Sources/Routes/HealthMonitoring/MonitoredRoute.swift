package import PeerTrust
package import RouteModel

/// A route as the monitor needs it.
package struct MonitoredRoute: Sendable {
  package var id: RouteID
  package var target: Upstream?
  package var check: HealthCheck
  package var trust: TrustPolicy
  package var tlsServerName: TLSServerName?
  /// Only the monitor writes it.
  package var cell: HealthCell
  /// Explains a failure; it never causes one.
  package var link: ProxmoxLink
  /// Why there is nothing to probe; nil if there is a target.
  package var unprobedReason: String?

  package init(
    id: RouteID, target: Upstream?, check: HealthCheck, trust: TrustPolicy, tlsServerName: TLSServerName?,
    cell: HealthCell,
    link: ProxmoxLink, unprobedReason: String?
  ) {
    self.id = id
    self.target = target
    self.check = check
    self.trust = trust
    self.tlsServerName = tlsServerName
    self.cell = cell
    self.link = link
    self.unprobedReason = unprobedReason
  }
}
