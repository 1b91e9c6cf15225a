package import HealthMonitoring
package import RouteModel

extension MonitoredRoute {
  package init(_ route: Route) {
    self.init(
      id: route.id, target: route.target, check: route.healthCheck, trust: route.trust,
      tlsServerName: route.tlsServerName, cell: route.health, link: route.link,
      unprobedReason: route.noTargetReason)
  }
}
