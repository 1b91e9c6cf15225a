package import FoundationEssentials
package import RouteModel

/// What became of a route's health, with what a person needs to know of the route.
package struct Observation: Hashable, Sendable {
  package var id: RouteID
  package var key: RouteKey
  package var status: HealthStatus
  package var previous: HealthStatus
  /// Why it is not healthy.
  package var cause: String?
  /// What the probe says.
  package var detail: String
  /// As a URL.
  package var target: String?
  /// The node or guest behind the route.
  package var resource: LinkedResource?
  /// When the status changed.
  package var since: Date
  /// In words, where the status comes and goes so often that it says little: `5 changes in 10 min`.
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
