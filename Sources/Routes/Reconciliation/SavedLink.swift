import RouteModel

/// The last link of a route without an explicit link, as saved across restarts.
struct SavedLink: Codable, Hashable, Sendable {
  var provider: String
  var alias: String
  var ordinal: UInt16
  /// The route's host at that time; for another host, the link does not apply.
  var host: String?
  var cluster: String
  var node: String
  /// Nil for a node.
  var vmid: VMID?
  var name: String?
  var type: String?
  var status: String?
  var matchedBy: String
  var matched: String

  /// Nil if the route has never been linked, or states its link explicitly.
  init?(_ route: ReconciledRoute) {
    guard let resource = route.previous, route.declaration.proxmox == nil else { return nil }
    (provider, alias, ordinal) = (route.id.provider.text, route.id.alias.text, UInt16(clamping: route.id.ordinal))
    host = route.declaration.host
    (cluster, node) = (resource.cluster, resource.node.name)
    (matchedBy, matched) = (resource.matchedBy.rawValue, resource.matched)
    guard case .guest(let id, _, let name, let type, let status) = resource.identity else { return }
    (vmid, self.name, self.type, self.status) = (id.vmid, name, type.rawValue, status.text)
  }

  /// Nil if the alias is invalid, as in a file that was edited by hand.
  var id: RouteID? {
    (try? RouteAlias(alias)).map { RouteID(provider: ProviderName(provider), alias: $0, ordinal: Int(ordinal)) }
  }

  /// Nil if the file contains an unknown value.
  var resource: LinkedResource? {
    guard let key = LinkedResource.MatchKey(rawValue: matchedBy) else { return nil }
    guard let vmid else {
      return LinkedResource(.node(NodeID(cluster: cluster, name: node)), matchedBy: key, matched: matched)
    }
    guard let type = type.flatMap(GuestType.init) else { return nil }
    return LinkedResource(
      .guest(
        GuestID(cluster: cluster, vmid: vmid), node: node, name: name, type: type,
        status: GuestStatus(status ?? GuestStatus.unknown.text)), matchedBy: key, matched: matched)
  }
}

/// The saved links of routes that have not been declared yet.
struct LinkArchive: Sendable {
  private var links: [RouteID: SavedLink] = [:]

  init(_ saved: [SavedLink] = []) {
    for link in saved { link.id.map { links[$0] = link } }
  }

  /// Removes and returns the saved resource for a route of that identity and host.
  mutating func remove(_ id: RouteID, host: String?) -> LinkedResource? {
    guard let link = links.removeValue(forKey: id), link.host == host else { return nil }
    return link.resource
  }

  /// Removes the links of providers that were read: their undeclared routes no longer exist.
  mutating func removeAll(except isUnread: (ProviderName) -> Bool) {
    links = links.filter { isUnread($0.key.provider) }
  }

  var saved: [SavedLink] { Array(links.values) }
}
