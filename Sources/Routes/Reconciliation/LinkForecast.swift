package import ProxmoxInventory
package import RouteModel

/// Predicts the links of declared routes from a known inventory.
package struct LinkForecast: Sendable {
  private var state = ReconciliationState()

  /// - Parameter folder: `state_dir`, which contains the previous links of the routes. Nothing in it is changed.
  package init(
    _ declared: DeclaredRoutes, defaults: HealthCheck = HealthCheck(), inventory: InventorySnapshot, folder: String
  ) {
    state.restore(LinkKeeper.savedLinks(in: folder))
    _ = state.replace(inventory: inventory, changes: InventoryChanges(from: .empty, to: inventory))
    _ = state.replace(routes: declared, defaults: defaults)
  }

  /// The routes as the agent would register them.
  package var routes: [Route] { state.current.compactMap(\.route) }

  /// Guests that routes link to or may link to.
  package var wantedGuests: Set<GuestID> { state.wantedGuests }

  /// The hosts of routes that are full names of the linked guests. Pass those that do not exist to
  /// ``replace(missingNames:)``.
  package var guestNames: Set<String> { state.guestNames }

  package mutating func replace(missingNames: Set<String>) { _ = state.replace(missingNames: missingNames) }

  /// A warning for each route that will have no target.
  package var problems: [Problem] {
    routes.filter { $0.pool != .excluded }.compactMap { route in
      route.openReason.map { Problem(.warning, at: route.declaration.location, Self.sentence(route, $0)) }
    }
  }

  private static func sentence(_ route: Route, _ reason: String) -> String {
    let text = "route '\(route.alias)' has no target: \(reason)"
    guard case .unlinked(let link) = route.link, link.code == .noMatch else { return text }
    return text + " (for a service of this machine say host: localhost, or default_host: localhost in providers)"
  }
}
