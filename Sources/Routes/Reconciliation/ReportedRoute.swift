package import RouteModel
package import RouteRegistry

/// A route as an event reports it: with the health that it had then, so that a later reader gets the same values.
package struct ReportedRoute: Sendable {
  package let key: RouteKey
  package let health: HealthReport
  private let registered: RegisteredRoute

  package init(_ entry: RegistrySnapshot.Entry) {
    (key, registered) = (entry.key, entry.registered)
    health = entry.registered.route.health.report
  }

  package var route: Route { registered.route }
}
