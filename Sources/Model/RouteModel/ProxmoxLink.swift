/// The link of a route to a node or guest.
package enum ProxmoxLink: Hashable, Sendable {
  case linked(LinkedResource)
  /// Several candidates match equally well.
  case ambiguous([LinkedResource], reason: String)
  case unlinked(UnlinkedReason)

  /// The resource, if there is exactly one.
  package var resource: LinkedResource? {
    if case .linked(let resource) = self { resource } else { nil }
  }
}

/// A node or guest that matches a key of a route.
package struct LinkedResource: Hashable, Sendable {
  package enum Identity: Hashable, Sendable {
    case node(NodeID)
    case guest(GuestID, node: String, name: String?, type: GuestType, status: GuestStatus)
  }

  /// The key of the route that matched, strongest first.
  package enum MatchKey: String, Sendable, CaseIterable { case explicit, address, hostname, alias }

  package var identity: Identity
  package var matchedBy: MatchKey
  /// The text that matched: an address, a name, or the reference as written.
  package var matched: String

  package init(_ identity: Identity, matchedBy: MatchKey, matched: String) {
    (self.identity, self.matchedBy, self.matched) = (identity, matchedBy, matched)
  }

  package var cluster: ClusterName { identity.cluster }

  /// The node itself, or the node that the guest is on.
  package var node: NodeID { identity.node }

  package var guest: GuestID? {
    if case .guest(let id, _, _, _, _) = identity { id } else { nil }
  }

  /// A description for people: `node pve1`, `guest 105 (plex) on pve1`.
  package var summary: String { identity.summary }

  /// Whether both are the same node or guest, regardless of the match and their status.
  package func isSameResource(as other: LinkedResource) -> Bool { identity.isSameResource(as: other.identity) }
}

extension LinkedResource.Identity {
  package var cluster: ClusterName {
    switch self {
    case .node(let id): id.cluster
    case .guest(let id, _, _, _, _): id.cluster
    }
  }

  /// The node itself, or the node that the guest is on.
  package var node: NodeID {
    switch self {
    case .node(let id): id
    case .guest(let id, let node, _, _, _): NodeID(cluster: id.cluster, name: node)
    }
  }

  /// A description for people: `node pve1`, `guest 105 (plex) on pve1`.
  package var summary: String {
    switch self {
    case .node(let id): "node \(id.name)"
    case .guest(let id, let node, let name, _, _):
      "guest \(id.vmid)\(name.map { " (\($0))" } ?? "") on \(node)"
    }
  }

  /// Whether both are the same node or guest, regardless of their status.
  package func isSameResource(as other: Self) -> Bool {
    switch (self, other) {
    case (.node(let left), .node(let right)): left == right
    case (.guest(let left, _, _, _, _), .guest(let right, _, _, _, _)): left == right
    default: false
    }
  }

  /// Nil for a node.
  package var guestStatus: GuestStatus? {
    if case .guest(_, _, _, _, let status) = self { status } else { nil }
  }
}

/// Why a route has no link. The raw values are those of the socket's API.
package struct UnlinkedReason: Hashable, Sendable {
  package enum Code: String, Sendable {
    /// No cluster is configured.
    case noCluster = "no_cluster"
    /// Nothing has matched yet, and not all clusters, or not all addresses of one, have been read.
    case inventoryPending = "inventory_pending"
    /// All clusters have been read and nothing matches.
    case noMatch = "no_match"
    /// The route was linked, all clusters have been read, and nothing matches now.
    case lost
    /// The resource in an explicit `proxmox:` does not exist.
    case notFound = "not_found"
    /// The scheme has no upstream host: `fileserver`.
    case notLookedUp = "not_looked_up"
    /// The route was excluded before the lookup because of an error.
    case invalidRoute = "invalid_route"
    /// The route was excluded before the lookup: another one has its alias.
    case aliasTaken = "alias_taken"
    /// The route was excluded before the lookup: the proxy or another route uses its listen port.
    case portTaken = "port_taken"
  }

  /// The keys that matched nothing, as written; nil for those that a route does not have.
  package struct Keys: Hashable, Sendable {
    package var address: String?
    package var hostname: String?
    package var alias: String?

    package init(address: String?, hostname: String?, alias: String?) {
      (self.address, self.hostname, self.alias) = (address, hostname, alias)
    }

    /// `nothing has the address 10.0.0.9 or is named 'nas'`
    package var detail: String {
      var names = [hostname, alias].compactMap { $0 }
      if names.count == 2, names[0] == names[1] { names.removeLast() }
      let named = names.isEmpty ? nil : "is named " + names.map { "'\($0)'" }.joined(separator: " or ")
      let parts = [address.map { "has the address \($0)" }, named].compactMap { $0 }
      return parts.isEmpty
        ? "the route has neither an address nor a name to match" : "nothing \(parts.joined(separator: " or "))"
    }
  }

  /// A missing match is recorded far more often than it is read, so its text is created on demand.
  private enum Detail: Hashable, Sendable {
    case text(String)
    case missed(Keys)
  }

  package let code: Code
  private let words: Detail

  package init(_ code: Code, _ detail: String) { (self.code, words) = (code, .text(detail)) }
  /// For a route whose keys matched nothing.
  package init(_ code: Code, missed keys: Keys) { (self.code, words) = (code, .missed(keys)) }

  /// One sentence for a person.
  package var detail: String {
    switch words {
    case .text(let text): text
    case .missed(let keys): keys.detail
    }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && (left.words == right.words || left.detail == right.detail)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
