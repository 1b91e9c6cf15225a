import RouteModel

/// What PVE says of the node and the guest behind a route.
struct Surroundings: Sendable {
  /// Of the linked node, or of the node that holds the linked guest.
  var node: NodeStatus?
  /// Of a guest that started lately.
  var guestStart: ContinuousClock.Instant?
  /// Whether the agent is starting the guest.
  var isBeingStarted = false
  /// Whether the guest sleeps until a request needs it.
  var isNapping = false
}
