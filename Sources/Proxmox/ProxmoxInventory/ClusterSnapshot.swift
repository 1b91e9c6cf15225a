package import RouteModel

/// One cluster or standalone host as it was last read.
package struct ClusterSnapshot: Hashable, Sendable {
  package var name: ClusterName
  /// PVE's own name of the cluster; nil for a standalone host.
  package var pveName: String?
  /// `9.0.10`; nil until known.
  package var version: String?
  /// Nil until the cluster was read once or came from the cache.
  package var freshness: Freshness?
  /// Why nothing could be read, while nothing could; else which rights are missing to see all of it.
  package var error: String?
  /// The endpoint that answered last.
  package var endpoint: String?
  /// Sorted by name.
  package var nodes: [Node]
  /// Sorted by VMID.
  package var guests: [Guest]
  /// Since the start not every guest was asked for its addresses yet: one that nobody has may still turn up.
  package var awaitsAddresses = false
  /// Of some guest not even the name is known yet, so that a name which matches nothing may still do so.
  package var hasNamelessGuests = false
  /// Why guests that were here lately are not any more.
  package var departures = Departures<VMID>()
  /// The same of nodes, by name.
  package var nodeDepartures = Departures<String>()

  package init(name: ClusterName) {
    self.name = name
    self.nodes = []
    self.guests = []
  }

  package var wasRead: Bool { freshness != nil }

  package var summary: ClusterSummary {
    ClusterSummary(
      name: name, pveName: pveName, version: version, endpoint: endpoint, nodes: nodes.count, guests: guests.count,
      freshness: freshness, error: error ?? freshness?.error)
  }
}

/// A cluster without its nodes and guests.
package struct ClusterSummary: Hashable, Sendable {
  package var name: ClusterName
  package var pveName: String?
  package var version: String?
  package var endpoint: String?
  package var nodes: Int
  package var guests: Int
  package var freshness: Freshness?
  package var error: String?

  /// Whether there is nothing new in whether and how well the cluster can be read.
  func isAsWell(as other: ClusterSummary) -> Bool {
    let (known, new) = (freshness, other.freshness)
    // What exactly goes wrong may alternate from poll to poll.
    return (known == nil) == (new == nil) && known?.isStale == new?.isStale && (error == nil) == (other.error == nil)
  }
}

extension ClusterSnapshot {
  /// By binary search.
  func guest(_ vmid: VMID) -> Guest? {
    var (low, high) = (0, guests.count)
    while low < high {
      let middle = (low + high) / 2
      if guests[middle].id.vmid < vmid { low = middle + 1 } else { high = middle }
    }
    return low < guests.count && guests[low].id.vmid == vmid ? guests[low] : nil
  }

  /// The same with its guests in order.
  var sorted: ClusterSnapshot {
    let isSorted = zip(guests, guests.dropFirst()).allSatisfy { $0.id.vmid < $1.id.vmid }
    guard !isSorted else { return self }
    var copy = self
    copy.guests.sort { $0.id.vmid < $1.id.vmid }
    return copy
  }
}
