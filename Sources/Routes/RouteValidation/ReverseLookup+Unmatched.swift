import ProxmoxInventory
import RouteModel

// The reasons for a route without a match.
extension ReverseLookup {
  func unmatched(_ query: LinkQuery, previous: LinkedResource?, suggestsNames: Bool) -> UnlinkedReason {
    if inventory.clusters.isEmpty {
      return UnlinkedReason(.noCluster, "no cluster is configured: there is nothing to link to")
    }
    guard inventory.isComplete else {
      let pending = inventory.clusters.filter { !$0.wasRead }.map(\.name).joined(separator: ", ")
      return UnlinkedReason(.inventoryPending, "nothing matches so far; not read yet: \(pending)")
    }
    if inventory.awaitsAddresses, query.keys.has(.address) || query.keys.has(.literal) {
      let awaiting = inventory.clustersAwaitingAddresses.joined(separator: ", ")
      return UnlinkedReason(
        .inventoryPending, "nothing matches so far; not all guests' addresses are read yet: \(awaiting)")
    }
    if inventory.hasNamelessGuests, query.keys.has(.hostname) || query.keys.has(.alias) {
      let nameless = inventory.clusters.filter(\.hasNamelessGuests).map(\.name).joined(separator: ", ")
      return UnlinkedReason(
        .inventoryPending, "nothing matches so far; PVE does not say what all guests are called: \(nameless)")
    }
    let near = suggestsNames ? nearNames(query) : ""
    if let previous {
      return UnlinkedReason(.lost, "\(previous.summary), to which it was linked, is gone or no longer matches\(near)")
    }
    let keys = UnlinkedReason.Keys(address: query.addressText, hostname: query.hostname, alias: query.alias)
    return near.isEmpty ? UnlinkedReason(.noMatch, missed: keys) : UnlinkedReason(.noMatch, keys.detail + near)
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
