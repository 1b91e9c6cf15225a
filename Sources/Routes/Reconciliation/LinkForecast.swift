import JSONDocument
package import ProxmoxInventory
package import RouteModel
import StateFiles

/// Predicts the links of declared routes from a known inventory.
package struct LinkForecast: Sendable {
  /// A warning for each route that will have no target.
  package let problems: [Problem]

  /// - Parameter folder: `state_dir`, which contains the previous links of the routes. Nothing in it is changed.
  package init(_ declared: DeclaredRoutes, inventory: InventorySnapshot, folder: String) {
    var state = ReconciliationState()
    if let saved = LinkKeeper.file(in: folder, keepsDamaged: false).load().saved {
      state.restore(saved.content.elements)
    }
    _ = state.replace(inventory: inventory, changes: InventoryChanges(from: .empty, to: inventory))
    let routes = state.replace(routes: declared, defaults: HealthCheck()).routes
    problems = routes.filter { $0.pool != .excluded }.compactMap { route in
      route.openReason.map { Problem(.warning, at: route.declaration.location, Self.sentence(route, $0)) }
    }
  }

  private static func sentence(_ route: Route, _ reason: String) -> String {
    let text = "route '\(route.alias)' has no target: \(reason)"
    guard case .unlinked(let link) = route.link, link.code == .noMatch else { return text }
    return text + " (for a service of this machine say host: localhost, or default_host: localhost in providers)"
  }
}
