import ProxmoxInventory
import RouteModel

/// Changes of routes whose events are held back: at the start, a route with an address may first be linked by a name
/// and a moment later, when the addresses have been read, by its address. Only the final link is reported.
struct WithheldChanges {
  /// The last reported state of each held back route.
  private var lastReported: [RouteID: Route] = [:]

  /// Returns the route to compare a change with; nil if nothing is to be reported for now.
  ///
  /// - Parameter before: the route before this change.
  mutating func base(of route: Route, before: Route, in inventory: InventorySnapshot) -> Route? {
    if route.mayBeRelinked(in: inventory) {
      if lastReported[route.id] == nil { lastReported[route.id] = before }
      return nil
    }
    return lastReported.removeValue(forKey: route.id) ?? before
  }

  /// Returns the last reported states of the routes that no longer wait.
  mutating func release(in inventory: InventorySnapshot) -> [Route] {
    guard !lastReported.isEmpty, !inventory.awaitsAddresses else { return [] }
    defer { lastReported = [:] }
    return lastReported.values.sorted { $0.id < $1.id }
  }

  mutating func forget(_ id: RouteID) { lastReported[id] = nil }
}

extension Route {
  /// Whether an address that has not been read yet may decide the link.
  fileprivate func mayBeRelinked(in inventory: InventorySnapshot) -> Bool {
    guard inventory.awaitsAddresses, declaration.proxmox == nil,
      let host = declaration.host, IPAddress(host) != nil
    else { return false }
    return link.resource?.matchedBy != .address
  }
}
