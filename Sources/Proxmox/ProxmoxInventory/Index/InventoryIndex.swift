import RouteModel

/// The nodes and guests of one snapshot by name and address. Immutable once it is built.
final class InventoryIndex: Sendable {
  /// Every node and guest that a key may match, in the snapshot's order; matches refer to the positions.
  let resources: [LinkedResource.Identity]
  let lists: MatchLists
  private let names: NameTable
  private let addresses: AddressTable

  init(_ clusters: [ClusterSnapshot]) {
    var builder = Builder(clusters)
    for cluster in clusters {
      for node in cluster.nodes { builder.add(node) }
      for guest in cluster.guests where !guest.isTemplate { builder.add(guest) }
    }
    builder.preferRunningGuests()
    (resources, lists, names, addresses) = (builder.resources, builder.lists, builder.names, builder.addresses)
  }

  func matches(address: IPAddress) -> Matches { addresses.matches(address) }

  /// A full match takes precedence over one by first label, and a first label only counts if one side is a bare label.
  @inline(__always)
  func matches(name: Span<UInt8>, _ key: NameKey) -> Matches {
    guard let hits = names.hits(of: name, key) else {
      return key.isBare ? Matches() : firstLabelMatches(name, key)
    }
    if key.isBare {
      return Matches(nodes: hits.nodes, guests: hits.guests.isEmpty ? hits.guestsByFirstLabel : hits.guests)
    }
    guard hits.nodes.isEmpty || hits.guests.isEmpty else { return Matches(nodes: hits.nodes, guests: hits.guests) }
    let byLabel = firstLabelMatches(name, key)
    return Matches(
      nodes: hits.nodes.isEmpty ? byLabel.nodes : hits.nodes, guests: hits.guests.isEmpty ? byLabel.guests : hits.guests
    )
  }

  private func firstLabelMatches(_ name: Span<UInt8>, _ key: NameKey) -> Matches {
    guard let hits = names.hits(ofFirstLabelOf: name, key) else { return Matches() }
    return Matches(nodes: hits.nodes, guests: hits.guests)
  }
}

extension InventoryIndex {
  private struct Builder {
    var resources: [LinkedResource.Identity] = []
    var lists = MatchLists()
    var names: NameTable
    var addresses: AddressTable

    init(_ clusters: [ClusterSnapshot]) {
      let nodes = clusters.reduce(0) { $0 + $1.nodes.count }
      let guests = clusters.reduce(0) { $0 + $1.guests.count }
      resources.reserveCapacity(nodes + guests)
      names = NameTable(names: nodes + guests)
      addresses = AddressTable(
        addresses: clusters.reduce(0) { sum, cluster in
          sum + cluster.nodes.reduce(0) { $0 + $1.addresses.count }
            + cluster.guests.reduce(0) { $0 + $1.addresses.count }
        })
    }

    mutating func add(_ node: Node) {
      let number = resources.count
      resources.append(.node(node.id))
      for address in node.addresses where address.canNameAMachine {
        addresses.update(address) { lists.add(number, to: &$0.nodes) }
      }
      names.update(node.id.name.utf8.span, NameKey(node.id.name)) { lists.add(number, to: &$0.nodes) }
    }

    mutating func add(_ guest: Guest) {
      let number = resources.count
      resources.append(guest.identity)
      for address in guest.addresses where address.isSignificant {
        addresses.update(address.address) { lists.add(number, to: &$0.guests) }
      }
      guard let name = guest.name, !name.isEmpty, IPAddress(name) == nil else { return }
      let key = NameKey(name)
      names.update(name.utf8.span, key) { lists.add(number, to: &$0.guests) }
      if !key.isBare {
        names.updateFirstLabel(of: name.utf8.span, key) { lists.add(number, to: &$0.guestsByFirstLabel) }
      }
    }

    /// A stopped guest's address is ignored if a running guest has it.
    mutating func preferRunningGuests() {
      addresses.updateAll { matches in
        lists.prefer(&matches.guests) { resources[$0].guestStatus?.isRunning ?? false }
      }
    }
  }
}
