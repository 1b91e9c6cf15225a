package import RouteModel

/// All clusters at one moment, with the index of the reverse lookup. Immutable; cheap to copy.
package struct InventorySnapshot: Sendable {
  /// Which class of names a query meets.
  package enum NameMatch: Sendable { case full, firstLabel }

  /// Counts up with every change, from 0 for the empty inventory.
  package let generation: UInt64
  /// In the order of the configuration.
  package let clusters: [ClusterSnapshot]

  package init(clusters: [ClusterSnapshot], generation: UInt64 = 0) {
    (self.clusters, self.generation) = (clusters, generation)
  }

  package static let empty = InventorySnapshot(clusters: [])

  /// Whether every configured cluster was read or came from the cache.
  package var isComplete: Bool { clusters.allSatisfy(\.wasRead) }

  package func cluster(_ name: ClusterName) -> ClusterSnapshot? { clusters.first { $0.name == name } }
  package func node(_ id: NodeID) -> Node? { fatalError("unbuilt") }
  package func guest(_ id: GuestID) -> Guest? { fatalError("unbuilt") }

  /// O(1). Nodes that have this address.
  package func nodes(withAddress address: IPAddress) -> [Node] { fatalError("unbuilt") }
  /// O(1). Nodes of that name in any cluster; names compare without case.
  package func nodes(named name: String, by match: NameMatch) -> [Node] { fatalError("unbuilt") }
  /// O(1). Guests that have this address by ``GuestAddress/isSignificant``; templates never, stopped ones only where no
  /// running one has it.
  package func guests(withAddress address: IPAddress) -> [Guest] { fatalError("unbuilt") }
  /// O(1). Guests of that name; `firstLabel` finds those of which one side is a bare label. Templates never.
  package func guests(named name: String, by match: NameMatch) -> [Guest] { fatalError("unbuilt") }
  /// O(1). Guests of that number, one a cluster at most.
  package func guests(withVMID vmid: VMID) -> [Guest] { fatalError("unbuilt") }
}
