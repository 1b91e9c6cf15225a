import RouteModel

/// The states in PVE of the node and the guest behind a route.
struct PVEState: Sendable {
  /// The state of the linked node, or of the linked guest's node.
  var node: NodeStatus?
  /// When the guest started, if it did recently.
  var guestStart: ContinuousClock.Instant?
  /// Whether the agent is starting the guest.
  var isBeingStarted = false
  /// Whether the guest sleeps until a request needs it.
  var isNapping = false
}
