import RouteModel

/// How the routes that are served are linked, and how many of them are down.
package struct LinkCounts: Hashable, Sendable {
  package private(set) var linked = 0
  package private(set) var ambiguous = 0
  package private(set) var unlinked = 0
  /// Unhealthy ones, or with an error, whatever their link.
  package private(set) var down = 0
  /// Of the unlinked ones, those that wait for a cluster to be read.
  package private(set) var pending = 0

  /// O(n).
  package init(_ snapshot: RegistrySnapshot) {
    for entry in snapshot.active {
      switch entry.route.link {
      case .linked: linked += 1
      case .ambiguous: ambiguous += 1
      case .unlinked(let reason):
        unlinked += 1
        if reason.code == .inventoryPending { pending += 1 }
      }
      let status = entry.route.health.report.status
      if status == .unhealthy || status == .error { down += 1 }
    }
  }
}
