package import RouteModel

/// A route in the registry: immutable, and shared by everybody who found it.
///
/// A reference, so that a pool, a snapshot and a request carry a route without copying it.
public final class RegisteredRoute: Sendable {
  package let route: Route
  /// Spelled once: every line of the access log names it.
  let targetURL: String?

  package init(_ route: Route) {
    self.route = route
    targetURL = route.target?.description
  }

  /// What access logs and forwarded headers say of the route's target.
  package var upstream: UpstreamNames { UpstreamNames(self) }

  package var id: RouteID { route.id }
  package var pool: RoutePool { route.pool }
}
