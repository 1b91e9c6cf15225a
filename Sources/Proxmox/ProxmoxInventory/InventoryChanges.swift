package import RouteModel

/// The differences between two snapshots.
package struct InventoryChanges: Sendable {
  package struct NodeChange: Hashable, Sendable {
    package var id: NodeID
    /// Nil if the node was added.
    package var before: Node?
    /// Nil if the node was removed.
    package var after: Node?
    /// Why it was removed, if that is known.
    package var reason: String?
    package init(id: NodeID, before: Node?, after: Node?, reason: String? = nil) {
      (self.id, self.before, self.after, self.reason) = (id, before, after, reason)
    }
  }

  package struct GuestChange: Hashable, Sendable {
    package var id: GuestID
    package var before: Guest?
    package var after: Guest?
    /// Why it was removed, if that is known.
    package var reason: String?
    package init(id: GuestID, before: Guest?, after: Guest?, reason: String? = nil) {
      (self.id, self.before, self.after, self.reason) = (id, before, after, reason)
    }
  }

  package struct ClusterChange: Hashable, Sendable {
    package var before: ClusterSummary
    package var after: ClusterSummary
  }

  /// Clusters that can be read better or worse than before, in the order of the configuration.
  package var clusters: [ClusterChange] = []
  /// Sorted. A different freshness or uptime alone is no change, except for the reason why a guest has no known
  /// address.
  package var nodes: [NodeChange] = []
  package var guests: [GuestChange] = []
  /// Whether clusters, or the addresses of all their guests, became known or unknown.
  package var completenessChanged = false

  package init() {}

  /// Compares two snapshots in O(nodes + guests).
  package init(from old: InventorySnapshot, to new: InventorySnapshot) {
    for cluster in new.clusters { compareNodes(of: cluster, to: old.cluster(cluster.name)?.nodes ?? []) }
    for index in new.clusters.indices { compareGuests(ofCluster: index, in: new, to: old) }
    for cluster in old.clusters where new.cluster(cluster.name) == nil {
      nodes += cluster.nodes.map { NodeChange(id: $0.id, before: $0, after: nil) }
      guests += cluster.guests.map { GuestChange(id: $0.id, before: $0, after: nil) }
    }
    for cluster in new.clusters {
      guard let before = old.cluster(cluster.name)?.summary, !before.isAsWell(as: cluster.summary) else { continue }
      clusters.append(ClusterChange(before: before, after: cluster.summary))
    }
    nodes.sort { $0.id < $1.id }
    guests.sort { $0.id < $1.id }
    completenessChanged =
      old.isComplete != new.isComplete || old.readClusters != new.readClusters
      || old.clustersAwaitingAddresses != new.clustersAwaitingAddresses
      || old.clusters.contains(where: \.hasNamelessGuests) != new.clusters.contains(where: \.hasNamelessGuests)
  }

  private mutating func compareNodes(of cluster: ClusterSnapshot, to former: [Node]) {
    // Nodes seldom change, and both lists are sorted.
    if former.count == cluster.nodes.count, zip(former, cluster.nodes).allSatisfy({ $0.isSame(as: $1) }) { return }
    for node in cluster.nodes {
      let before = former.first { $0.id == node.id }
      if before?.isSame(as: node) != true { nodes.append(NodeChange(id: node.id, before: before, after: node)) }
    }
    for node in former where !cluster.nodes.contains(where: { $0.id == node.id }) {
      let reason = cluster.nodeDepartures[node.id.name]
      nodes.append(NodeChange(id: node.id, before: node, after: nil, reason: reason))
    }
  }

  /// Both lists are sorted by VMID; guests with equal marks are identical and skipped.
  private mutating func compareGuests(
    ofCluster index: Int, in new: InventorySnapshot, to old: InventorySnapshot
  ) {
    let cluster = new.clusters[index]
    let former = old.clusters.firstIndex { $0.name == cluster.name }
    let before = former.map { old.clusters[$0].guests } ?? []
    let (oldMarks, newMarks) = (former.map { old.guestMarks[$0] } ?? [], new.guestMarks[index])
    var (left, right) = (0, 0)
    while left < before.count || right < cluster.guests.count {
      let same = Self.equalBlock(oldMarks.span, left, newMarks.span, right)
      if same > 0 {
        (left, right) = (left + same, right + same)
        continue
      }
      if left < oldMarks.count, right < newMarks.count, oldMarks[left] == newMarks[right] {
        (left, right) = (left + 1, right + 1)
        continue
      }
      let isGone = right == cluster.guests.count || left < before.count && before[left].isBefore(cluster.guests[right])
      let isNew = left == before.count || !isGone && cluster.guests[right].isBefore(before[left])
      if isGone {
        let guest = before[left]
        guests.append(
          GuestChange(id: guest.id, before: guest, after: nil, reason: cluster.departures[guest.id.vmid]))
      } else if isNew {
        guests.append(GuestChange(id: cluster.guests[right].id, before: nil, after: cluster.guests[right]))
      } else if !before[left].isSame(as: cluster.guests[right]) {
        let guest = cluster.guests[right]
        guests.append(GuestChange(id: guest.id, before: before[left], after: guest))
      }
      if !isNew { left += 1 }
      if !isGone { right += 1 }
    }
  }

  /// The number of equal marks from there on, in whole blocks: most guests are unchanged, and testing several of them
  /// takes no longer than testing one.
  private static func equalBlock(_ old: Span<UInt64>, _ left: Int, _ new: Span<UInt64>, _ right: Int) -> Int {
    let size = 8
    var length = 0
    while left + length + size <= old.count, right + length + size <= new.count {
      // Of a constant size, so that their elements need no further checks.
      let before = old.extracting(left + length..<left + length + size)
      let after = new.extracting(right + length..<right + length + size)
      var differing: UInt64 = 0
      for index in 0..<size { differing |= before[index] ^ after[index] }
      if differing != 0 { break }
      length += size
    }
    return length
  }

  /// Whether no link can change.
  package var isEmpty: Bool { nodes.isEmpty && guests.isEmpty && !completenessChanged }
}

extension Node {
  fileprivate func isSame(as other: Node) -> Bool {
    var other = other
    other.freshness = freshness
    return self == other
  }
}

extension Guest {
  fileprivate func isBefore(_ other: Guest) -> Bool { id.vmid < other.id.vmid }

  fileprivate func isSame(as other: Guest) -> Bool {
    // Routes report why no address is known.
    if other.freshness.error != freshness.error, !addresses.contains(where: \.isSignificant) { return false }
    var other = other
    (other.freshness, other.uptime) = (freshness, uptime)
    return self == other
  }
}

extension Guest {
  /// A hash of everything that ``isSame(as:)`` compares, seeded per process.
  var mark: UInt64 {
    var hasher = Hasher()
    hasher.combine(id.vmid)
    hasher.combine(type)
    hasher.combine(name)
    hasher.combine(node)
    hasher.combine(status)
    hasher.combine(isTemplate)
    hasher.combine(tags)
    hasher.combine(lock)
    hasher.combine(pool)
    hasher.combine(haState)
    hasher.combine(addresses)
    if !addresses.contains(where: \.isSignificant) { hasher.combine(freshness.error) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
