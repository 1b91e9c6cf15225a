import RouteModel

/// The numbers of served routes by kind of link, and of those that are down.
package struct LinkCounts: Hashable, Sendable {
  package private(set) var linked = 0
  package private(set) var ambiguous = 0
  package private(set) var unlinked = 0
  /// Unhealthy, or with an error; regardless of the link.
  package private(set) var down = 0
  /// The unlinked ones that wait for a cluster to be read.
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
