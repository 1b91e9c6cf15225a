import ProxmoxInventory
import RouteModel

extension ReverseLookup {
  /// An explicit link: with one match it links, with two in different clusters it is ambiguous, without a match it is
  /// unlinked. No lookup follows.
  func link(to reference: ProxmoxReference) -> ProxmoxLink {
    if let cluster = reference.cluster, inventory.cluster(cluster) == nil {
      let known = inventory.clusters.map(\.name).joined(separator: ", ")
      return notFound(
        reference, "proxmox.cluster '\(cluster)' is not in pvescout.yml (there: \(known.isEmpty ? "none" : known))")
    }
    let matches = matches(of: reference)
    switch matches.count {
    case 0: return missing(reference)
    case 1: return .linked(matches[0])
    default:
      let reason =
        "\(reference.text) exists more than once: \(Self.listing(matches)); "
        + "add cluster: to the route's proxmox:"
      return .ambiguous(matches, reason: reason)
    }
  }

  /// The step that explains the link of an explicit reference.
  func step(to reference: ProxmoxReference, _ link: ProxmoxLink) -> LinkStep {
    switch link {
    case .linked(let resource): LinkStep(.explicit, .chosen, "\(reference.text) is \(resource.summary)")
    case .ambiguous(_, let reason): LinkStep(.explicit, .ambiguous, reason)
    case .unlinked(let reason):
      LinkStep(.explicit, reason.code == .inventoryPending ? .missed : .failed, reason.detail)
    }
  }

  private func matches(of reference: ProxmoxReference) -> [LinkedResource] {
    func isMeant(_ cluster: ClusterName) -> Bool { reference.cluster.map { $0 == cluster } ?? true }
    switch reference.resource {
    case .node(let name):
      return inventory.clusters.filter { isMeant($0.name) }.flatMap(\.nodes)
        .filter { HostName.fold($0.id.name) == HostName.fold(name) }
        .map { LinkedResource(.node($0.id), matchedBy: .explicit, matched: reference.text) }
    case .guest(let vmid, let hint):
      let guests = inventory.guests(withVMID: vmid).filter { isMeant($0.id.cluster) && !$0.isTemplate }
      let hinted = guests.filter { guest in
        hint.map { inventory.node(NodeID(cluster: guest.id.cluster, name: $0)) != nil } ?? false
      }
      return (hinted.count == 1 ? hinted : guests).map {
        LinkedResource($0.identity, matchedBy: .explicit, matched: reference.text)
      }
    }
  }

  private func missing(_ reference: ProxmoxReference) -> ProxmoxLink {
    let unread = inventory.clusters.filter { !$0.wasRead && (reference.cluster ?? $0.name) == $0.name }.map(\.name)
    guard unread.isEmpty else {
      let detail = "\(reference.text) is not known so far; not read yet: \(unread.joined(separator: ", "))"
      return .unlinked(UnlinkedReason(.inventoryPending, detail))
    }
    if case .guest(let vmid, _) = reference.resource,
      inventory.clusters.contains(where: { inventory.guest(GuestID(cluster: $0.name, vmid: vmid)) != nil })
    {
      return notFound(reference, "\(reference.text) is a template: link a guest made from it")
    }
    if let name = reference.cluster, let error = inventory.cluster(name)?.error {
      return notFound(reference, "\(reference.text) is not known in cluster \(name): \(error)")
    }
    let known: String
    switch reference.resource {
    case .node: known = "known nodes: \(listed(inventory.clusters.flatMap(\.nodes).map(\.id.name)))"
    case .guest: known = "is it gone, or may the token not see it?"
    }
    return notFound(reference, "\(reference.text) does not exist\(reference.clusterText) (\(known))")
  }

  private func notFound(_ reference: ProxmoxReference, _ detail: String) -> ProxmoxLink {
    .unlinked(UnlinkedReason(inventory.clusters.isEmpty ? .noCluster : .notFound, detail))
  }

  private func listed(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}

extension ProxmoxReference {
  /// In words: `node pve1`, `vmid 105`.
  var text: String {
    switch resource {
    case .node(let name): "node \(name)"
    case .guest(let vmid, _): "vmid \(vmid)"
    }
  }

  fileprivate var clusterText: String { cluster.map { " in cluster \($0)" } ?? "" }
}
