import ProxmoxInventory
import RouteModel

/// Changes of routes that are not told yet: at the start a route that states an address may be linked by a name first,
/// and a moment later, when the addresses are read, by that address. Only what stays is told.
struct WithheldChanges {
  /// By route, as it was last told; nil for one that nobody was told of.
  private var told: [RouteID: Route] = [:]

  /// The route with which a change is to be compared; nil where nothing is told of it for now.
  ///
  /// - Parameter before: the route as it was before this change.
  mutating func base(of route: Route, before: Route, in inventory: InventorySnapshot) -> Route? {
    if route.mayBeLinkedAnew(in: inventory) {
      if told[route.id] == nil { told[route.id] = before }
      return nil
    }
    return told.removeValue(forKey: route.id) ?? before
  }

  /// Those that wait no longer, as they were last told.
  mutating func release(in inventory: InventorySnapshot) -> [Route] {
    guard !told.isEmpty, inventory.clustersAwaitingAddresses.isEmpty else { return [] }
    defer { told = [:] }
    return told.values.sorted { $0.id < $1.id }
  }

  mutating func forget(_ id: RouteID) { told[id] = nil }
}

extension Route {
  /// Whether an address that is still to be read may decide the link.
  fileprivate func mayBeLinkedAnew(in inventory: InventorySnapshot) -> Bool {
    guard !inventory.clustersAwaitingAddresses.isEmpty, declaration.proxmox == nil,
      let host = declaration.host, IPAddress(host) != nil
    else { return false }
    return link.resource?.matchedBy != .address
  }
}
