package import RouteModel

/// A route in the registry: immutable, and shared by everybody who found it.
///
/// A reference, so that a pool, a snapshot and a request carry a route without copying it.
public final class RegisteredRoute: Sendable {
  package let route: Route
  /// What access logs and forwarded headers say of the route's target, spelled once.
  package let upstream: UpstreamNames

  package init(_ route: Route) {
    self.route = route
    upstream = UpstreamNames(route)
  }

  package var id: RouteID { route.id }
  package var pool: RoutePool { route.pool }
}
