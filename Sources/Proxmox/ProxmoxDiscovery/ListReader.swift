package import ProxmoxAPI
package import RouteModel

/// The result of one poll: the list, and extra answers if the list alone proves nothing.
package struct Listing: Sendable {
  package var resources: ClusterResources
  /// The nodes' own data for guests without data in the list.
  var live: [VMID: NodeGuest] = [:]
  /// The agent's rights; nil if the list gave no reason to read them, or PVE did not answer.
  var rights: EffectivePermissions?
}

/// Reads the list of one poll, with extra calls if it may be incomplete: missing rights also lead to an empty or
/// shorter list, and a guest is `unknown` and nameless while its node's pvestatd sends nothing.
package struct ListReader: Sendable {
  private static let nodesAtOnce = 3

  let client: ProxmoxClient
  /// The guests of the previous poll.
  let known: Set<VMID>
  /// A slower node must not delay the list.
  let nodeTimeout: Duration

  package init(
    client: ProxmoxClient, known: Set<VMID> = [],
    nodeTimeout: Duration = DiscoveryConfiguration().nodeListTimeout
  ) {
    (self.client, self.known, self.nodeTimeout) = (client, known, nodeTimeout)
  }

  package func read() async throws(ProxmoxError) -> Listing {
    var listing = Listing(resources: try await client.resources())
    let guests = listing.resources.guests
    if guests.isEmpty || !known.isSubset(of: guests.map(\.vmid)) {
      listing.rights = try? await client.effectivePermissions()
    }
    let offline = Set(listing.resources.nodes.filter { $0.status == "offline" }.map(\.name))
    let silent = Set(guests.filter(\.isUnreported).map(\.node)).subtracting(offline)
    if !silent.isEmpty { listing.live = await live(silent.sorted()) }
    return listing
  }

  /// Contains only the nodes that answer in time.
  private func live(_ nodes: [String]) async -> [VMID: NodeGuest] {
    await withTaskGroup(of: [NodeGuest]?.self) { group in
      var waiting = nodes[...]
      func startNext() {
        guard let node = waiting.popFirst() else { return }
        group.addTask { (try? await client.guests(node: node)) ?? [] }
      }
      for _ in 0..<Self.nodesAtOnce { startNext() }
      group.addTask {
        try? await Task.sleep(for: nodeTimeout)
        return nil
      }
      var (found, missing): ([VMID: NodeGuest], Int) = ([:], nodes.count)
      while missing > 0, let guests = await group.next() {
        guard let guests else { break }
        missing -= 1
        for guest in guests where guest.status != "unknown" { found[guest.vmid] = guest }
        startNext()
      }
      group.cancelAll()
      return found
    }
  }
}

extension ClusterResources.Guest {
  /// Whether PVE's list has no data of the guest.
  var isUnreported: Bool { status == "unknown" }
}
