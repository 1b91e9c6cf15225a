package import FoundationEssentials
package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel

/// Everything known about one cluster, and the source of its snapshots.
package struct InventoryBuilder: Sendable {
  let name: ClusterName
  private(set) var resources = ClusterResources()
  var book = AddressBook()
  var facts = NodeFacts()
  var preferences = AddressPreferences()
  var claims = AddressClaims()
  /// Whether the first round of address reads is incomplete, so that an address without a guest may still turn up.
  var awaitsAddresses = false
  private(set) var missing = MissingGuests()
  private var missingNodes = MissingNodes()
  private var departures = Departures<VMID>()
  private var nodeDepartures = Departures<String>()
  /// When a poll last reported that a node is not offline.
  private var lastOnline: [String: Date] = [:]
  /// Guests without data in the list although their node is online, and when the list last had some.
  private var unreported: [VMID: Date] = [:]
  /// When a list was last received, whether or not it was believed.
  private var listedAt: Date?
  /// Why the list has no guests: the agent may not see any.
  private var denial: String?
  private(set) var readAt: Date?
  private(set) var endpoint: String?
  private var error: String?
  private var isStale = false
  /// Counts the changes that are worth saving across restarts.
  private(set) var revision: UInt64 = 0

  package init(name: ClusterName) { self.name = name }

  /// Applies a poll's list.
  ///
  /// - Parameters:
  ///   - live: the nodes' own data for guests without data in the list.
  ///   - rights: the agent's rights, if the list is empty or shorter than the previous one.
  package mutating func accept(
    _ listed: ClusterResources, live: [VMID: NodeGuest] = [:], rights: EffectivePermissions? = nil,
    from endpoint: String, at date: Date
  ) {
    var listed = listed
    let isDenied = listed.guests.isEmpty && rights?.grantsAnywhere("VM.Audit") == false
    keepMissing(in: &listed, rights: rights, lastRead: readAt ?? date, at: date)
    Self.arrange(&listed)
    recordUnreported(in: listed, at: date)
    continueGuests(of: &listed, live)
    let isOther = !listed.isSame(as: resources)
    if isOther || !departures.isEmpty || !nodeDepartures.isEmpty {
      for guest in listed.guests { departures.forget(guest.vmid) }
      for node in listed.nodes { nodeDepartures.forget(node.name) }
      book.keep(only: Set(listed.guests.map(\.vmid)))
      facts.keep(only: Set(listed.nodes.map(\.name)))
    }
    if isOther { revision += 1 }
    lastOnline = Dictionary(
      listed.nodes.compactMap { node in
        (node.status == "offline" ? lastOnline[node.name] : date).map { (node.name, $0) }
      }
    ) { first, _ in first }
    (resources, self.endpoint, listedAt, error, isStale) = (listed, endpoint, date, nil, false)
    denial = isDenied ? Self.denial : nil
    if !isDenied { readAt = date }
  }

  private static let denial =
    "no guest is seen, as VM.Audit is granted nowhere: PVE answers with an empty list and no error. Grant it on /vms to the "
    + "user and to its token ('pvescout doctor' has the line); until then nothing is concluded from the list"

  /// The missing rights that hide guests; nil if none are known.
  var rightsLack: String? {
    if let denial { return denial }
    let hidden = missing.hidden
    guard !hidden.isEmpty else { return nil }
    let paths = hidden.prefix(8).map { "/vms/\($0)" }.joined(separator: ", ")
    let rest = hidden.count > 8 ? " and \(hidden.count - 8) more" : ""
    return
      "\(hidden.count == 1 ? "a guest is" : "\(hidden.count) guests are") hidden from the agent: VM.Audit is missing "
      + "on \(paths)\(rest)"
  }

  /// Adds guests and nodes that are missing from the list but not yet considered gone.
  private mutating func keepMissing(
    in listed: inout ClusterResources, rights: EffectivePermissions?, lastRead: Date, at date: Date
  ) {
    let guests = missing.record(
      known: resources.guests, listed: Set(listed.guests.map(\.vmid)), rights: rights, lastRead: lastRead, at: date)
    listed.guests += guests.staying
    for (vmid, reason) in guests.gone { departures.record(vmid, because: reason) }
    let nodes = missingNodes.record(known: resources.nodes, listed: listed, lastRead: lastRead)
    listed.nodes += nodes.staying
    for (name, reason) in nodes.gone { nodeDepartures.record(name, because: reason) }
  }

  /// Records that a poll failed, or that none has been answered for too long: the inventory stays, marked as stale.
  mutating func markStale(_ reason: String) { (error, isStale) = (reason, true) }

  /// PVE has no data of guests whose node's pvestatd sends nothing, nor of any guest for 10 s after a restart of
  /// pmxcfs.
  private mutating func recordUnreported(in listed: ClusterResources, at date: Date) {
    let offline = Set(listed.nodes.lazy.filter { $0.status == "offline" }.map(\.name))
    let (before, lastRead) = (unreported, readAt ?? date)
    unreported = [:]
    for guest in listed.guests
    where guest.isUnreported && !offline.contains(guest.node) && !missing.contains(guest.vmid) {
      unreported[guest.vmid] = before[guest.vmid] ?? lastRead
    }
  }

  /// Completes guests with their node's own data, and with data of an earlier poll that this one lacks.
  private mutating func continueGuests(of listed: inout ClusterResources, _ live: [VMID: NodeGuest]) {
    let before = Dictionary(resources.guests.map { ($0.vmid, $0) }) { first, _ in first }
    for index in listed.guests.indices {
      if listed.guests[index].isUnreported, let own = live[listed.guests[index].vmid] {
        listed.guests[index].fill(from: own)
      }
      let guest = listed.guests[index]
      guard let known = before[guest.vmid] else { continue }
      if known.isAnother(than: guest) {
        book.forget(guest.vmid)
      } else if guest.name == nil {
        // PVE forgets a guest's name together with its status, and that it is a template.
        listed.guests[index].name = known.name
        listed.guests[index].isTemplate = known.isTemplate
      }
    }
  }

  /// Sorts nodes and guests and removes duplicates: the order of PVE's lists is random.
  private static func arrange(_ resources: inout ClusterResources) {
    resources.nodes.sort { $0.name < $1.name }
    resources.guests.sort { $0.vmid < $1.vmid }
    resources.nodes = resources.nodes.withoutRepetition { $0.name == $1.name }
    resources.guests = resources.guests.withoutRepetition { $0.vmid == $1.vmid }
  }
}

// Changes between polls.
extension InventoryBuilder {
  /// Records the result of a guest's read, and returns what changed.
  @discardableResult
  mutating func record(_ reading: AddressReading, of guest: GuestRead) -> AddressBook.News {
    let preference = preferences.preference(of: guest.vmid, named: resources.guest(guest.vmid)?.name)
    let news = book.record(reading, of: guest, preference: preference)
    if news == .addresses { revision += 1 }
    return news
  }

  /// Records that the nodes' facts were read again.
  mutating func recordFacts() { revision += 1 }

  /// Removes a guest that is missing from the list and that PVE no longer knows.
  mutating func remove(_ vmid: VMID, because reason: String) {
    guard missing.contains(vmid) else { return }
    missing.forget(vmid)
    resources.guests.removeAll { $0.vmid == vmid }
    book.forget(vmid)
    departures.record(vmid, because: reason)
    revision += 1
  }

  /// Records that the agent may not see a guest that is missing from the list.
  mutating func hideMissing(_ vmid: VMID) { missing.hide(vmid) }

  mutating func explainMissing(_ vmid: VMID, _ explanation: String) { missing.explain(vmid, explanation) }

  /// Restores what was known before a restart.
  mutating func restore(
    _ resources: ClusterResources, addresses: [VMID: [GuestAddress]], facts: NodeFacts, from endpoint: String?,
    at date: Date
  ) {
    (self.resources, self.facts, self.endpoint, readAt) = (resources, facts, endpoint, date)
    Self.arrange(&self.resources)
    for (vmid, addresses) in addresses { book.restore(addresses, of: vmid) }
  }
}

// The snapshot.
extension InventoryBuilder {
  package func snapshot() -> ClusterSnapshot {
    var snapshot = ClusterSnapshot(name: name)
    snapshot.pveName = facts.clusterName
    snapshot.version = facts.version
    snapshot.error = error ?? rightsLack
    snapshot.endpoint = endpoint
    guard let listed = listedAt ?? readAt else { return snapshot }
    snapshot.nodes = nodes(Freshness(asOf: listed, isStale: isStale, error: error))
    guard let readAt else { return snapshot }
    let freshness = Freshness(asOf: readAt, isStale: isStale || denial != nil, error: error ?? denial)
    snapshot.freshness = freshness
    let offline = Set(resources.nodes.lazy.filter { $0.status == "offline" }.map(\.name))
    snapshot.guests = resources.guests.map { guest($0, freshness, isOnline: !offline.contains($0.node)) }
    snapshot.awaitsAddresses = awaitsAddresses
    snapshot.hasNamelessGuests = snapshot.guests.contains { $0.name == nil && !$0.isTemplate }
    (snapshot.departures, snapshot.nodeDepartures) = (departures, nodeDepartures)
    return snapshot
  }

  private func nodes(_ freshness: Freshness) -> [Node] {
    // A single node is the one that answers, so the endpoint's host is its address if nothing better is known.
    let host = resources.nodes.count == 1 ? endpoint.flatMap(Self.address) : nil
    return resources.nodes.map { node in
      var freshness = freshness
      if !isStale, let absence = missingNodes.absence(of: node.name) {
        freshness.age(since: absence.lastListed, absence.reason)
      } else if !isStale, let (error, since) = facts.unreachable[node.name], node.status != "offline" {
        freshness.age(since: since, error)
      }
      return Node(
        id: NodeID(cluster: name, name: node.name), status: node.status.flatMap(NodeStatus.init) ?? .unknown,
        addresses: facts.addresses(of: node.name, endpoint: host, claims: claims),
        sslFingerprint: facts.fingerprints[node.name],
        notes: facts.notes(of: node.name), freshness: freshness)
    }
  }

  private func guest(_ row: ClusterResources.Guest, _ freshness: Freshness, isOnline: Bool) -> Guest {
    let known = book.guests[row.vmid]
    let freshness =
      isStale || denial != nil ? hidden(row, freshness) : self.freshness(of: row, known, freshness, isOnline: isOnline)
    // PVE reports `running` for five minutes after a guest's node is gone.
    let status = isOnline ? row.status.map { GuestStatus($0) } ?? .unknown : .unknown
    return Guest(
      id: GuestID(cluster: name, vmid: row.vmid), type: row.isQEMU ? .qemu : .lxc, name: row.name, node: row.node,
      status: status, isTemplate: row.isTemplate, tags: row.tags,
      uptime: row.uptime.flatMap { $0 > 0 && isOnline ? .seconds($0) : nil }, lock: row.lock, pool: row.pool,
      haState: row.haState, addresses: claims.allowed(known?.addresses ?? []), freshness: freshness)
  }

  /// The error for a guest without data although its node is online.
  private static func silence(of row: ClusterResources.Guest) -> String {
    let shown = row.isUnreported ? "what was known before" : "what the node itself says"
    return
      "PVE has no data of it (status unknown), though its node \(row.node) is there: shown is \(shown); see on the "
      + "node: systemctl status pvestatd"
  }

  /// The freshness of a guest in a cluster that could not be read, or of which nothing is visible.
  private func hidden(_ row: ClusterResources.Guest, _ cluster: Freshness) -> Freshness {
    guard !isStale, let absence = missing.absence(of: row.vmid) else { return cluster }
    return Freshness(asOf: min(cluster.asOf, absence.lastListed), isStale: true, error: absence.reason)
  }

  /// The freshness of a guest in a cluster that was just read. If several problems apply, the last one is reported, as
  /// the gravest.
  private func freshness(
    of row: ClusterResources.Guest, _ known: AddressBook.Entry?, _ cluster: Freshness, isOnline: Bool
  ) -> Freshness {
    var freshness = cluster
    freshness.error = known.flatMap { $0.error ?? claims.refusal(of: $0.addresses) }
    if let lastReported = unreported[row.vmid] { freshness.age(since: lastReported, Self.silence(of: row)) }
    if let known, known.isStale { freshness.age(since: known.readAt ?? cluster.asOf, known.error) }
    // The addresses of a node's other guests are not read while it is unreachable.
    if let (error, since) = facts.unreachable[row.node] { freshness.age(since: since, error) }
    if let absence = missing.absence(of: row.vmid) { freshness.age(since: absence.lastListed, absence.reason) }
    if !isOnline {
      let status = row.status ?? "unknown"
      freshness.age(
        since: lastOnline[row.node] ?? cluster.asOf,
        "its node \(row.node) is offline; PVE's last word on it was '\(status)'")
    }
    return freshness
  }

  /// The host of a URL, if it is an IP literal.
  static func address(ofHostIn url: String) -> IPAddress? {
    let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let authority = parts[2].split(separator: "/").first else { return nil }
    let host =
      authority.hasPrefix("[")
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return IPAddress(host)
  }
}

extension Freshness {
  /// Marks the data as unchanged since a date, with the reason.
  fileprivate mutating func age(since date: Date, _ error: String?) {
    self = Freshness(asOf: min(asOf, date), isStale: true, error: error)
  }
}

extension ClusterResources {
  /// Requires guests sorted by VMID.
  fileprivate func guest(_ vmid: VMID) -> Guest? {
    var (low, high) = (guests.startIndex, guests.endIndex)
    while low < high {
      let middle = (low + high) / 2
      if guests[middle].vmid < vmid { low = middle + 1 } else { high = middle }
    }
    return low < guests.endIndex && guests[low].vmid == vmid ? guests[low] : nil
  }

  /// Whether both are equal, apart from the uptimes.
  fileprivate func isSame(as other: ClusterResources) -> Bool {
    nodes == other.nodes && guests.count == other.guests.count
      && zip(guests, other.guests).allSatisfy { left, right in
        var left = left
        left.uptime = right.uptime
        return left == right
      }
  }
}

extension ClusterResources.Guest {
  fileprivate mutating func fill(from own: NodeGuest) {
    (name, status, isTemplate) = (own.name ?? name, own.status, own.isTemplate)
    uptime = own.uptime ?? uptime
  }

  /// Whether the VMID was reused for another guest: of the other type, or with another name and started since.
  fileprivate func isAnother(than next: ClusterResources.Guest) -> Bool {
    if isQEMU != next.isQEMU { return true }
    guard let name, let nextName = next.name, name != nextName else { return false }
    return (next.uptime ?? 0) < (uptime ?? 0)
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
