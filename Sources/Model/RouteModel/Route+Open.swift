extension Route {
  /// Why the route has no target until a person changes the route or the cluster; nil for a route that gets its target
  /// by itself, such as when a guest is started or a cluster is read.
  package var openReason: String? {
    guard target == nil else { return nil }
    switch link {
    case .linked: return nil
    case .ambiguous(_, let reason): return reason
    case .unlinked(let reason): return reason.code == .inventoryPending ? nil : reason.detail
    }
  }
}
