package import RouteModel

/// All clusters at one moment, with the index of the reverse lookup. Immutable; cheap to copy.
package struct InventorySnapshot: Sendable {
  /// Increases with every change, from 0 for the empty inventory.
  package let generation: UInt64
  /// In the order of the configuration.
  package let clusters: [ClusterSnapshot]

  /// Whether every configured cluster was read or came from the cache.
  package let isComplete: Bool
  /// Whether an unknown address may still be found: in ``clustersAwaitingAddresses``.
  package let awaitsAddresses: Bool
  /// Whether the names of some guests are unknown.
  package let hasNamelessGuests: Bool

  /// Guests that had run for less than an hour when they were read.
  package let startedRecently: [Guest]

  /// For each cluster, a mark per guest in order; it differs if the guest does.
  let guestMarks: [[UInt64]]
  private let index: InventoryIndex

  package init(clusters: [ClusterSnapshot], generation: UInt64 = 0) {
    self.clusters = clusters.map(\.sorted)
    self.generation = generation
    isComplete = clusters.allSatisfy(\.wasRead)
    awaitsAddresses = clusters.contains(where: \.awaitsAddresses)
    hasNamelessGuests = clusters.contains(where: \.hasNamelessGuests)
    startedRecently = clusters.flatMap { $0.guests.filter(\.startedRecently) }
    guestMarks = self.clusters.map { $0.guests.map(\.mark) }
    index = InventoryIndex(self.clusters)
  }

  package static let empty = InventorySnapshot(clusters: [])

  /// The clusters that were read or came from the cache.
  package var readClusters: Set<ClusterName> { Set(clusters.lazy.filter(\.wasRead).map(\.name)) }

  /// The clusters in which an unknown address may still be found.
  package var clustersAwaitingAddresses: [ClusterName] { clusters.filter(\.awaitsAddresses).map(\.name) }

  package func cluster(_ name: ClusterName) -> ClusterSnapshot? { clusters.first { $0.name == name } }

  package func node(_ id: NodeID) -> Node? { cluster(id.cluster)?.nodes.first { $0.id == id } }

  /// Includes templates.
  package func guest(_ id: GuestID) -> Guest? { cluster(id.cluster)?.guest(id.vmid) }

  /// The strongest key with a match: nodes before guests; address, then hostname, then alias. O(1), without allocation.
  ///
  /// An address matches guests by ``GuestAddress/isSignificant``, and stopped ones only if no running one has it. A
  /// name matches as a whole if there is such a match, else by the first label if one side is a bare label. Templates
  /// never match.
  ///
  /// - Parameters:
  ///   - host: a name or an IP literal in UTF-8; empty if it is absent.
  ///   - address: an address known besides the host.
  ///   - alias: in UTF-8; empty if it is absent.
  package func decide(host: Span<UInt8>, address: IPAddress?, alias: Span<UInt8>) -> LookupDecision {
    index.decide(host: host, address: address, alias: alias)
  }

  func matches(address: IPAddress) -> Matches { index.matches(address: address) }
  func matches(name: Span<UInt8>, _ key: NameKey) -> Matches { index.matches(name: name, key) }

  /// The only node or guest of some matches; nil if there is none or more than one.
  package func only(of matches: MatchList) -> LinkedResource.Identity? { matches.only.map { index.resources[$0] } }

  /// All nodes or guests of some matches, in the order of the configuration.
  package func resources(of matches: MatchList) -> [LinkedResource.Identity] {
    index.lists.resources(of: matches).map { index.resources[$0] }
  }

  /// Guests with that VMID, at most one per cluster, without templates; ``guest(_:)`` finds those too.
  package func guests(withVMID vmid: VMID) -> [Guest] {
    clusters.compactMap { $0.guest(vmid) }.filter { !$0.isTemplate }
  }
}
