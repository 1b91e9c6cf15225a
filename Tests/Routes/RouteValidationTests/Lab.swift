import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// A small inventory, written in a short form.
enum Lab {
  static let fresh = Freshness(asOf: Date(timeIntervalSince1970: 0))

  static func node(_ name: String, _ addresses: String..., status: NodeStatus = .online, in cluster: String = "home")
    -> Node
  {
    Node(
      id: NodeID(cluster: cluster, name: name), status: status, addresses: addresses.compactMap { IPAddress($0) },
      freshness: fresh)
  }

  static func guest(
    _ vmid: VMID, _ name: String?, _ addresses: String..., on node: String = "pve1", status: GuestStatus = .running,
    interface: String = "eth0", source: GuestAddress.Source = .interfaces, isTemplate: Bool = false,
    in cluster: String = "home"
  ) -> Guest {
    Guest(
      id: GuestID(cluster: cluster, vmid: vmid), type: .lxc, name: name, node: node, status: status,
      isTemplate: isTemplate,
      addresses: addresses.compactMap { IPAddress($0) }.map { GuestAddress($0, interface: interface, source: source) },
      freshness: fresh)
  }

  static func inventory(_ nodes: [Node] = [node("pve1", "10.0.0.11")], _ guests: [Guest] = []) -> InventorySnapshot {
    let names = Set(nodes.map(\.id.cluster) + guests.map(\.id.cluster)).union(["home"]).sorted()
    return InventorySnapshot(
      clusters: names.map { name in
        var cluster = ClusterSnapshot(name: name)
        cluster.freshness = fresh
        cluster.endpoint = "https://10.0.0.11:18006"
        cluster.nodes = nodes.filter { $0.id.cluster == name }
        cluster.guests = guests.filter { $0.id.cluster == name }
        return cluster
      }, generation: 1)
  }

  /// The same with a cluster that was never read.
  static func pending(_ inventory: InventorySnapshot) -> InventorySnapshot {
    InventorySnapshot(clusters: inventory.clusters + [ClusterSnapshot(name: "away")], generation: 2)
  }

  static func declaration(
    _ alias: String, host: String? = nil, port: UInt16? = nil, listen: UInt16? = nil, scheme: RouteScheme? = nil,
    proxmox: ProxmoxReference? = nil
  ) throws -> RouteDeclaration {
    var declaration = RouteDeclaration(
      alias: try RouteAlias(alias), provider: ProviderName("file:routes"),
      location: SourceLocation(file: "routes.yml", line: 3, column: 1))
    declaration.host = host
    declaration.port = port.map { RouteDeclaration.Port(listen: listen, target: $0) }
    declaration.scheme = scheme
    declaration.proxmox = proxmox
    return declaration
  }
}

extension ProxmoxLink {
  /// A short form for expectations: `guest 105 by address`, `node pve1 by alias`, `ambiguous 105 106`, `no_match`.
  var brief: String {
    switch self {
    case .linked(let resource):
      resource.guest.map { "guest \($0.vmid) by \(resource.matchedBy.rawValue)" }
        ?? "node \(resource.node.name) by \(resource.matchedBy.rawValue)"
    case .ambiguous(let candidates, _):
      "ambiguous " + candidates.map { $0.guest.map { "\($0.vmid)" } ?? $0.node.name }.joined(separator: " ")
    case .unlinked(let reason): reason.code.rawValue
    }
  }
}
