package import RouteModel

/// One route as the monitor sees it.
package struct MonitoredRoute: Sendable {
  package var id: RouteID
  package var target: Upstream?
  package var check: HealthCheck
  package var trust: UpstreamTrust
  package var tlsServerName: TLSServerName?
  /// The monitor is the only writer of it.
  package var cell: HealthCell
  /// What explains a failure; it never makes one.
  package var link: ProxmoxLink
  /// Why there is nothing to probe; nil where there is a target.
  package var unprobedReason: String?

  package init(
    id: RouteID, target: Upstream?, check: HealthCheck, trust: UpstreamTrust, tlsServerName: TLSServerName?,
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
