package import FoundationEssentials
package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel

/// Everything that is known of one cluster, and the snapshot that it makes.
package struct InventoryBuilder: Sendable {
  /// How many polls in a row may list no guests before it is believed: rights may be gone, or the status service mute.
  static let emptyPollsDoubted = 2

  let name: ClusterName
  private(set) var resources = ClusterResources()
  var book = AddressBook()
  var facts = NodeFacts()
  private var readAt: Date?
  private var endpoint: String?
  private var emptyPolls = 0
  private var error: String?
  private var isStale = false

  package init(name: ClusterName) { self.name = name }

  /// Takes a poll's list.
  package mutating func accept(_ listed: ClusterResources, from endpoint: String, at date: Date) {
    var listed = listed
    emptyPolls = listed.guests.isEmpty && !resources.guests.isEmpty ? emptyPolls + 1 : 0
    if isDoubted { listed.guests = resources.guests }
    Self.arrange(&listed)
    let before = Dictionary(resources.guests.map { ($0.vmid, $0) }) { first, _ in first }
    for index in listed.guests.indices {
      let guest = listed.guests[index]
      guard let known = before[guest.vmid] else { continue }
      if known.isQEMU != guest.isQEMU {
        // The number was given to another guest.
        book.forget(guest.vmid)
      } else if guest.name == nil {
        // PVE forgets a guest's name with its state, when the node is mute for five minutes.
        listed.guests[index].name = known.name
      }
    }
    book.keep(only: Set(listed.guests.map(\.vmid)))
    facts.keep(only: Set(listed.nodes.map(\.name)))
    (resources, self.endpoint, readAt, error, isStale) = (listed, endpoint, date, nil, false)
  }

  /// Notes that a poll failed, or that none has answered for too long: what is known stays, marked.
  mutating func markStale(_ reason: String) { (error, isStale) = (reason, true) }

  package func snapshot() -> ClusterSnapshot {
    var snapshot = ClusterSnapshot(name: name)
    snapshot.pveName = facts.clusterName
    snapshot.version = facts.version
    snapshot.error = error
    snapshot.endpoint = endpoint
    guard let readAt else { return snapshot }
    let freshness = Freshness(asOf: readAt, isStale: isStale, error: error)
    snapshot.freshness = freshness
    snapshot.nodes = nodes(freshness)
    snapshot.guests = resources.guests.map { guest($0, freshness) }
    return snapshot
  }

  /// Whether an empty list is not believed yet.
  private var isDoubted: Bool { emptyPolls > 0 && emptyPolls <= Self.emptyPollsDoubted }

  /// Sorted, and each node and guest once: the order of PVE's lists is random.
  private static func arrange(_ resources: inout ClusterResources) {
    resources.nodes.sort { $0.name < $1.name }
    resources.guests.sort { $0.vmid < $1.vmid }
    resources.nodes = resources.nodes.withoutRepetition { $0.name == $1.name }
    resources.guests = resources.guests.withoutRepetition { $0.vmid == $1.vmid }
  }
}

extension InventoryBuilder {
  private func nodes(_ freshness: Freshness) -> [Node] {
    // The only node is the one that answers, so the endpoint's host is its address where nothing better is known.
    let host = resources.nodes.count == 1 ? endpoint.flatMap(Self.address) : nil
    return resources.nodes.map { node in
      Node(
        id: NodeID(cluster: name, name: node.name), status: node.status.flatMap(NodeStatus.init) ?? .unknown,
        addresses: facts.addresses(of: node.name, endpoint: host), sslFingerprint: facts.fingerprints[node.name],
        notes: facts.notes(of: node.name), freshness: freshness)
    }
  }

  private func guest(_ row: ClusterResources.Guest, _ freshness: Freshness) -> Guest {
    let known = book.guests[row.vmid]
    var freshness = freshness
    if !isStale {
      freshness.error = known?.error
      freshness.isStale = known?.isStale ?? false
      if isDoubted {
        freshness.isStale = true
        freshness.error = "PVE lists no guests any more: are they gone, or is VM.Audit on /vms?"
      }
    }
    return Guest(
      id: GuestID(cluster: name, vmid: row.vmid), type: row.isQEMU ? .qemu : .lxc, name: row.name, node: row.node,
      status: row.status.map { GuestStatus($0) } ?? .unknown, isTemplate: row.isTemplate, tags: row.tags,
      uptime: row.uptime.map { .seconds($0) }, lock: row.lock, pool: row.pool, addresses: known?.addresses ?? [],
      freshness: freshness)
  }

  /// The host of a URL, where it is an IP literal.
  static func address(ofHostIn url: String) -> IPAddress? {
    let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let authority = parts[2].split(separator: "/").first else { return nil }
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return IPAddress(host)
  }
}

extension Array {
  fileprivate func withoutRepetition(_ isSame: (Element, Element) -> Bool) -> [Element] {
    var kept: [Element] = []
    kept.reserveCapacity(count)
    for element in self where kept.last.map({ isSame($0, element) }) != true { kept.append(element) }
    return kept
  }
}
