package import ProxmoxInventory
package import RouteModel

/// A key that a route and an inventory change may share: a change without a common key cannot affect the route's link.
package enum LinkKey: Hashable, Sendable {
  case address(IPAddress)
  /// A folded name, whole or by its first label.
  case name(String)
  case vmid(VMID)

  /// The keys of a declared route.
  package static func keys(of declaration: RouteDeclaration) -> Set<LinkKey> {
    if let reference = declaration.proxmox {
      switch reference.resource {
      case .node(let name): return [.name(HostName.fold(name))]
      case .guest(let vmid, _): return [.vmid(vmid)]
      }
    }
    let query = LinkQuery(host: declaration.host, alias: declaration.alias.folded)
    let names = [query.hostname, query.alias].compactMap { $0 }
    return Set(query.addresses.map(LinkKey.address)).union(names.flatMap(keys(ofName:)))
  }

  /// The keys that a node has or had.
  package static func keys(of change: InventoryChanges.NodeChange) -> Set<LinkKey> {
    let nodes = [change.before, change.after].compactMap { $0 }
    return Set(nodes.flatMap { node in node.addresses.map(LinkKey.address) }).union(keys(ofName: change.id.name))
  }

  /// The keys that a guest has or had.
  package static func keys(of change: InventoryChanges.GuestChange) -> Set<LinkKey> {
    let guests = [change.before, change.after].compactMap { $0 }
    return Set(guests.flatMap { guest in guest.addresses.map { LinkKey.address($0.address) } })
      .union(guests.compactMap(\.name).flatMap(keys(ofName:))).union([.vmid(change.id.vmid)])
  }

  private static func keys(ofName name: String) -> [LinkKey] {
    let folded = HostName.fold(name)
    return [.name(folded), .name(HostName.firstLabel(folded))]
  }
}
