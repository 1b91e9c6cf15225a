package import FoundationEssentials
package import RouteModel

/// A change of a route's health, with the facts about the route that a person needs.
package struct Observation: Hashable, Sendable {
  package var id: RouteID
  package var key: RouteKey
  package var status: HealthStatus
  package var previous: HealthStatus
  /// Why the route is not healthy.
  package var cause: String?
  /// The probe's description of the result.
  package var detail: String
  /// The target as a URL.
  package var target: String?
  /// The node or guest behind the route.
  package var resource: LinkedResource?
  /// When the status changed.
  package var since: Date
  /// In words, if the status changes so often that it means little: `5 changes in 10 min`.
  package var flapping: String?

  package init(
    id: RouteID, key: RouteKey, status: HealthStatus, previous: HealthStatus, cause: String? = nil, detail: String = "",
    target: String? = nil, resource: LinkedResource? = nil, since: Date, flapping: String? = nil
  ) {
    self.id = id
    self.key = key
    self.status = status
    self.previous = previous
    self.cause = cause
    self.detail = detail
    self.target = target
    self.resource = resource
    self.since = since
    self.flapping = flapping
  }
}
