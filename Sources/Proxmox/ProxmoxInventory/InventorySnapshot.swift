package import RouteModel

/// All clusters at one moment, with the index of the reverse lookup. Immutable; cheap to copy.
package struct InventorySnapshot: Sendable {
  /// Which class of names a query meets. A resource is in one class at most.
  package enum NameMatch: Sendable {
    /// The whole name, without case.
    case full
    /// The first label of a fully qualified name and a bare label, whichever side is which.
    case firstLabel
  }

  /// Counts up with every change, from 0 for the empty inventory.
  package let generation: UInt64
  /// In the order of the configuration.
  package let clusters: [ClusterSnapshot]

  private let index: InventoryIndex

  package init(clusters: [ClusterSnapshot], generation: UInt64 = 0) {
    (self.clusters, self.generation) = (clusters, generation)
    index = InventoryIndex(clusters)
  }

  package static let empty = InventorySnapshot(clusters: [])

  /// Whether every configured cluster was read or came from the cache.
  package var isComplete: Bool { clusters.allSatisfy(\.wasRead) }

  /// The clusters in which an address that nobody has may still turn up.
  package var clustersAwaitingAddresses: [ClusterName] { clusters.filter(\.awaitsAddresses).map(\.name) }

  package func cluster(_ name: ClusterName) -> ClusterSnapshot? { clusters.first { $0.name == name } }

  package func node(_ id: NodeID) -> Node? {
    nodes(at: index.nodesByName[HostName.fold(id.name)]).first { $0.id == id }
  }

  package func guest(_ id: GuestID) -> Guest? { guests(at: index.guestsByVMID[id.vmid]).first { $0.id == id } }

  /// O(1). Nodes that have this address.
  package func nodes(withAddress address: IPAddress) -> [Node] { nodes(at: index.nodesByAddress[address]) }

  /// O(1). Nodes of that name in any cluster; names compare without case. Node names are bare, so `firstLabel` finds
  /// them for a fully qualified name only.
  package func nodes(named name: String, by match: NameMatch) -> [Node] {
    guard let name = comparable(name) else { return [] }
    switch match {
    case .full: return nodes(at: index.nodesByName[name])
    case .firstLabel: return HostName.isBare(name) ? [] : nodes(at: index.nodesByName[HostName.firstLabel(name)])
    }
  }

  /// O(1). Guests that have this address by ``GuestAddress/isSignificant``; templates never, stopped ones only where no
  /// running one has it.
  package func guests(withAddress address: IPAddress) -> [Guest] {
    let all = guests(at: index.guestsByAddress[address])
    let running = all.filter(\.status.isRunning)
    return running.isEmpty ? all : running
  }

  /// O(1). Guests of that name; `firstLabel` finds those of which one side is a bare label. Templates never.
  package func guests(named name: String, by match: NameMatch) -> [Guest] {
    guard let name = comparable(name) else { return [] }
    switch match {
    case .full: return guests(at: index.guestsByName[name])
    case .firstLabel where HostName.isBare(name): return guests(at: index.guestsByFirstLabel[name])
    case .firstLabel: return guests(at: index.guestsByName[HostName.firstLabel(name)])
    }
  }

  /// O(1). Guests of that number, one a cluster at most. Templates never; ``guest(_:)`` finds those too.
  package func guests(withVMID vmid: VMID) -> [Guest] {
    guests(at: index.guestsByVMID[vmid]).filter { !$0.isTemplate }
  }

  /// The form in which names are indexed; nil for an IP literal, which is never a name.
  private func comparable(_ name: String) -> String? {
    IPAddress(name) == nil ? HostName.fold(name) : nil
  }

  private func nodes(at positions: InventoryIndex.Positions?) -> [Node] {
    var found: [Node] = []
    positions?.forEach { found.append(clusters[Int($0.cluster)].nodes[Int($0.index)]) }
    return found
  }

  private func guests(at positions: InventoryIndex.Positions?) -> [Guest] {
    var found: [Guest] = []
    positions?.forEach { found.append(clusters[Int($0.cluster)].guests[Int($0.index)]) }
    return found
  }
}
