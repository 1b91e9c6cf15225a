package import RouteModel

/// A route as the agent would link it now, and what is in the way of its traffic.
package struct RouteObservation: Sendable {
  package var route: Route
  /// Why the host has no address; nil if it has one.
  package var nameFault: String?
  /// `tcp 127.0.0.1:2222`; nil for a route without a port of its own.
  package var listen: ListenAddress?
  /// Why the route cannot listen there; nil if it can or does.
  package var listenFault: String?
  /// Whether the node of the linked resource is offline.
  package var isNodeOffline = false
  /// Why a health check of the target fails; nil if it succeeds, or was not made.
  package var probeFault: String?
  /// Whether a request starts the guest.
  package var startsOnRequest = false

  package init(_ route: Route) { self.route = route }
}
