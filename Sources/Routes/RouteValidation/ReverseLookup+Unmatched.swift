import ProxmoxInventory
import RouteModel

// What to say of a route that matches nothing.
extension ReverseLookup {
  func unmatched(_ query: LinkQuery, previous: LinkedResource?, suggestsNames: Bool) -> UnlinkedReason {
    if inventory.clusters.isEmpty {
      return UnlinkedReason(.noCluster, "no cluster is configured: there is nothing to link to")
    }
    guard inventory.isComplete else {
      let pending = inventory.clusters.filter { !$0.wasRead }.map(\.name).joined(separator: ", ")
      return UnlinkedReason(.inventoryPending, "nothing matches so far; not read yet: \(pending)")
    }
    let awaiting = inventory.clustersAwaitingAddresses
    if !query.addresses.isEmpty, !awaiting.isEmpty {
      return UnlinkedReason(
        .inventoryPending,
        "nothing matches so far; not all guests' addresses are read yet: \(awaiting.joined(separator: ", "))")
    }
    let nameless = inventory.clusters.filter(\.hasNamelessGuests).map(\.name)
    if query.hostname != nil || query.alias != nil, !nameless.isEmpty {
      return UnlinkedReason(
        .inventoryPending,
        "nothing matches so far; PVE does not say what all guests are called: \(nameless.joined(separator: ", "))")
    }
    let near = suggestsNames ? nearNames(query) : ""
    if let previous {
      return UnlinkedReason(.lost, "\(previous.summary), to which it was linked, is gone or no longer matches\(near)")
    }
    return UnlinkedReason(.noMatch, Self.missed(query) + near)
  }

  /// `nothing has the address 10.0.0.9 or is named 'nas'`
  private static func missed(_ query: LinkQuery) -> String {
    var names = [query.hostname, query.alias].compactMap { $0 }
    if names.count == 2, names[0] == names[1] { names.removeLast() }
    let named = names.isEmpty ? nil : "is named " + names.map { "'\($0)'" }.joined(separator: " or ")
    let addresses = query.addresses.map(\.description).joined(separator: " or ")
    let parts = [addresses.isEmpty ? nil : "has the address \(addresses)", named].compactMap { $0 }
    return parts.isEmpty
      ? "the route has neither an address nor a name to match" : "nothing \(parts.joined(separator: " or "))"
  }

  /// `; guest 105 is 'jellyfin'`; empty if no name is similar.
  private func nearNames(_ query: LinkQuery) -> String {
    guard let name = query.hostname ?? query.alias else { return "" }
    let nodes = inventory.clusters.lazy.flatMap(\.nodes).map { (subject: "a node", name: $0.id.name) }
    let guests = inventory.clusters.lazy.flatMap(\.guests).filter { !$0.isTemplate }.compactMap { guest in
      guest.name.map { (subject: "guest \(guest.id.vmid)", name: $0) }
    }
    let wanted = HostName.firstLabel(name)
    return NearNames.of(wanted, among: Array(nodes) + Array(guests)) { HostName.firstLabel($0.name) }
      .map { "; \($0.subject) is '\($0.name)'" }.joined()
  }
}
