import ProxmoxAPI
import RouteModel

/// What one poll learned: the list, and what was asked besides because the list alone proves nothing.
struct Listing: Sendable {
  var resources: ClusterResources
  /// What the nodes themselves say of guests that the list has no data of.
  var live: [VMID: NodeGuest] = [:]
  /// Of the agent; nil if the list gave no reason to ask, and if PVE did not answer.
  var rights: EffectivePermissions?
}

/// Reads the list of one poll, and asks again where it may say less than there is: an empty or shorter list may be one of
/// missing rights, and a guest is `unknown` and nameless while its node's pvestatd sends nothing.
struct ListReader: Sendable {
  /// A node that answers no sooner must not hold up the list.
  private static let patience = Duration.seconds(5)
  private static let nodesAtOnce = 3

  let client: ProxmoxClient
  /// The guests of the poll before.
  let known: Set<VMID>

  func read() async throws(ProxmoxError) -> Listing {
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

  /// As far as the nodes answer in time.
  private func live(_ nodes: [String]) async -> [VMID: NodeGuest] {
    await withTaskGroup(of: [NodeGuest]?.self) { group in
      var waiting = nodes[...]
      func askNext() {
        guard let node = waiting.popFirst() else { return }
        group.addTask { (try? await client.guests(node: node)) ?? [] }
      }
      for _ in 0..<Self.nodesAtOnce { askNext() }
      group.addTask {
        try? await Task.sleep(for: Self.patience)
        return nil
      }
      var (found, missing): ([VMID: NodeGuest], Int) = ([:], nodes.count)
      while missing > 0, let guests = await group.next() {
        guard let guests else { break }
        missing -= 1
        for guest in guests where guest.status != "unknown" { found[guest.vmid] = guest }
        askNext()
      }
      group.cancelAll()
      return found
    }
  }
}

extension ClusterResources.Guest {
  /// Whether PVE's list has no data of it.
  var isUnreported: Bool { status == "unknown" }
}
