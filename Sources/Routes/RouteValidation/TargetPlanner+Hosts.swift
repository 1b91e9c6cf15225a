import ProxmoxInventory
package import RouteModel

// The sources of a target's host.
extension TargetPlanner {
  enum Hosts {
    case one(String, HostSource)
    /// In order of preference.
    case several([String], HostSource)
    /// No host, with the reason.
    case none(String)

    var source: HostSource {
      switch self {
      case .one(_, let source), .several(_, let source): source
      case .none: .stated
      }
    }
  }

  /// The source of the hosts; its text is made on request.
  enum HostSource {
    case stated
    case nodeAddress, nodeEndpoint
    case guestAddress, guestAddresses
    /// The stated host is the guest's name, which does not exist.
    case guestAddressForName, guestAddressesForName
    case noCluster, defaultHost
  }

  func hosts(_ declaration: RouteDeclaration, _ link: ProxmoxLink) -> Hosts {
    if let host = declaration.host {
      return addressesOfGuest(named: host, declaration, link) ?? .one(host, .stated)
    }
    switch link {
    case .linked(let resource):
      if let id = resource.guest { return guestHosts(id, resource) }
      return nodeHosts(resource.node)
    case .ambiguous:
      return .none("no target while the link is ambiguous")
    case .unlinked(let reason):
      return unlinkedHosts(declaration, reason)
    }
  }

  func text(of source: HostSource, _ declaration: RouteDeclaration, _ link: ProxmoxLink) -> String {
    let resource = link.resource
    let (node, summary) = (resource?.node.name ?? "", resource?.summary ?? "")
    func standIn(_ text: String) -> String {
      "\(text), as the host '\(declaration.host ?? "")' is its name and does not resolve"
    }
    return switch source {
    case .stated: "the route states its host"
    case .nodeAddress: "the address of node \(node)"
    case .nodeEndpoint: "the host by which node \(node) is asked"
    case .guestAddress: "the address of \(summary)"
    case .guestAddresses: "the addresses of \(summary)"
    case .guestAddressForName: standIn("the address of \(summary)")
    case .guestAddressesForName: standIn("the addresses of \(summary)")
    case .noCluster: "the route states no host and no cluster is configured: this machine"
    case .defaultHost: "the route states no host, nothing matches, and default_host is localhost: this machine"
    }
  }

  /// The addresses of the linked guest, if the stated host is its full name and does not exist; else nil.
  private func addressesOfGuest(named host: String, _ declaration: RouteDeclaration, _ link: ProxmoxLink) -> Hosts? {
    guard !missingNames.isEmpty, let name = declaration.guestName(link), missingNames.contains(name),
      let resource = link.resource, let id = resource.guest
    else { return nil }
    return switch guestHosts(id, resource) {
    case .none: nil
    case .one(let address, _): .one(address, .guestAddressForName)
    case .several(let addresses, _): .several(addresses, .guestAddressesForName)
    }
  }

  /// A route without a host and a match is for this machine only if nothing else is possible.
  private func unlinkedHosts(_ declaration: RouteDeclaration, _ reason: UnlinkedReason) -> Hosts {
    guard declaration.proxmox == nil, reason.code == .noMatch || reason.code == .noCluster else {
      return .none("no target: \(reason.detail)")
    }
    guard !declaration.statesProxmox else {
      return .none(
        "no target: proxmox: says neither node nor vmid, and \(reason.detail): add one of them, or host:")
    }
    if reason.code == .noCluster { return .one("localhost", .noCluster) }
    return defaultHost == .localhost ? .one("localhost", .defaultHost) : .none("no target: \(reason.detail)")
  }

  private func nodeHosts(_ id: NodeID) -> Hosts {
    if let address = inventory.node(id)?.addresses.first { return .one(address.description, .nodeAddress) }
    if let host = endpointHost(ofOnlyNode: id) { return .one(host, .nodeEndpoint) }
    let notes = inventory.node(id)?.notes ?? []
    let why = notes.isEmpty ? "it was not read yet" : notes.joined(separator: "; ")
    return .none("no address of node \(id.name) is known: \(why)")
  }

  private func guestHosts(_ id: GuestID, _ resource: LinkedResource) -> Hosts {
    // For a stopped guest, the inventory has the static ones, once its configuration was read.
    let guest = inventory.guest(id)
    var hosts: [IPAddress] = []
    for address in guest?.addresses ?? []
    where hosts.count < Self.maxCandidates && address.isSignificant && !hosts.contains(address.address) {
      hosts.append(address.address)
    }
    guard let first = hosts.first else {
      return .none("no address of \(resource.summary) is known\(reasonWithoutAddress(guest))")
    }
    return hosts.count == 1
      ? .one(first.description, .guestAddress) : .several(hosts.map(\.description), .guestAddresses)
  }

  private func reasonWithoutAddress(_ guest: Guest?) -> String {
    if let error = guest?.freshness.error { return ": \(error)" }
    return guest?.status == .stopped ? ": it is stopped and has no static one" : " yet"
  }
}

extension RouteDeclaration {
  /// The stated host, folded, if it is the full name of the linked guest.
  package func guestName(_ link: ProxmoxLink) -> String? {
    guard let host, IPAddress(host) == nil, case .guest(_, _, let name?, _, _) = link.resource?.identity else {
      return nil
    }
    let folded = HostName.fold(host)
    return folded == HostName.fold(name) && folded != "localhost" ? folded : nil
  }
}
