package import RouteModel

/// A cluster or standalone host as last read.
package struct ClusterSnapshot: Hashable, Sendable {
  package var name: ClusterName
  /// PVE's own name of the cluster; nil for a standalone host.
  package var pveName: String?
  /// `9.0.10`; nil until known.
  package var version: String?
  /// Nil until the cluster was read once or came from the cache.
  package var freshness: Freshness?
  /// Why nothing can be read at present; else the privileges that are missing for a complete view.
  package var error: String?
  /// The endpoint that answered last.
  package var endpoint: String?
  /// Sorted by name.
  package var nodes: [Node]
  /// Sorted by VMID.
  package var guests: [Guest]
  /// Whether the addresses of some guests have not been requested since the start, so that an unknown address may still
  /// be found.
  package var awaitsAddresses = false
  /// Whether some guests have no known name yet, so that an unknown name may still match.
  package var hasNamelessGuests = false
  /// Why guests that were recently present are gone.
  package var departures = Departures<VMID>()
  /// The same for nodes, by name.
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

  /// Whether the state of reading the cluster is the same.
  func isAsWell(as other: ClusterSummary) -> Bool {
    let (known, new) = (freshness, other.freshness)
    // The exact error may alternate from poll to poll.
    return (known == nil) == (new == nil) && known?.isStale == new?.isStale && (error == nil) == (other.error == nil)
  }
}

extension ClusterSnapshot {
  /// Uses binary search.
  func guest(_ vmid: VMID) -> Guest? {
    var (low, high) = (0, guests.count)
    while low < high {
      let middle = (low + high) / 2
      if guests[middle].id.vmid < vmid { low = middle + 1 } else { high = middle }
    }
    return low < guests.count && guests[low].id.vmid == vmid ? guests[low] : nil
  }

  /// A copy with sorted guests.
  var sorted: ClusterSnapshot {
    let isSorted = zip(guests, guests.dropFirst()).allSatisfy { $0.id.vmid < $1.id.vmid }
    guard !isSorted else { return self }
    var copy = self
    copy.guests.sort { $0.id.vmid < $1.id.vmid }
    return copy
  }
}

/// Why guests or nodes are gone, for the most recent ones only, so that it remains short.
package struct Departures<ID: Hashable & Sendable>: Hashable, Sendable {
  private static var limit: Int { 256 }
  private var reasons: [ID: String] = [:]
  private var order: [ID] = []

  package init() {}

  /// A sentence for people; nil for one that is present, or was removed long ago.
  package subscript(id: ID) -> String? { reasons[id] }

  package mutating func record(_ id: ID, because reason: String) {
    if reasons.updateValue(reason, forKey: id) == nil { order.append(id) }
    if order.count > Self.limit { reasons[order.removeFirst()] = nil }
  }

  /// Records that it is present again.
  package mutating func forget(_ id: ID) {
    if reasons.removeValue(forKey: id) != nil { order.removeAll { $0 == id } }
  }

  package var isEmpty: Bool { reasons.isEmpty }
}
