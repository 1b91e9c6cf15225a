package import RouteModel

/// A change of a route's health status, or a probe that failed while the status held.
package struct HealthChange: Sendable {
  package var id: RouteID
  package var before: HealthReport
  package var after: HealthReport

  package init(id: RouteID, before: HealthReport, after: HealthReport) {
    (self.id, self.before, self.after) = (id, before, after)
  }
}
