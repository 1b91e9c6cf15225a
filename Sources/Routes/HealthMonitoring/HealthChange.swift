package import RouteModel

/// A change of a route's health status, or a failed probe that did not change it.
package struct HealthChange: Sendable {
  package var id: RouteID
  package var before: HealthReport
  package var after: HealthReport

  package init(id: RouteID, before: HealthReport, after: HealthReport) {
    (self.id, self.before, self.after) = (id, before, after)
  }
}
