import FoundationEssentials
import ProxmoxInventory
import RouteModel
import RouteProviders

@testable import Reconciliation

/// Routes and inventories for tests.
enum Lab {
  static let fresh = Freshness(asOf: Date(timeIntervalSince1970: 0))

  static func guest(
    _ vmid: VMID, _ name: String, _ addresses: String..., on node: String = "pve1",
    status: GuestStatus = .running
  ) -> Guest {
    guest(vmid, name, addresses, on: node, status: status)
  }

  static func guest(
    _ vmid: VMID, _ name: String, _ addresses: [String], on node: String = "pve1", status: GuestStatus = .running
  ) -> Guest {
    Guest(
      id: GuestID(cluster: "home", vmid: vmid), type: .lxc, name: name, node: node, status: status,
      addresses: addresses.compactMap { IPAddress($0) }
        .map { GuestAddress($0, interface: "eth0", source: .interfaces) }, freshness: fresh)
  }

  static func inventory(
    _ guests: [Guest], pve2: NodeStatus = .online, awaitsAddresses: Bool = false
  ) -> InventorySnapshot {
    var cluster = ClusterSnapshot(name: "home")
    cluster.awaitsAddresses = awaitsAddresses
    cluster.freshness = fresh
    cluster.nodes = [("pve1", NodeStatus.online, "127.77.0.11"), ("pve2", pve2, "127.77.0.12")].map {
      Node(
        id: NodeID(cluster: "home", name: $0.0), status: $0.1, addresses: [IPAddress($0.2)].compactMap { $0 },
        freshness: fresh)
    }
    cluster.guests = guests
    return InventorySnapshot(clusters: [cluster])
  }

  static func declaration(
    _ alias: String, host: String? = nil, port: UInt16 = 80, in file: String = "routes", line: Int = 1
  ) throws -> RouteDeclaration {
    var declaration = RouteDeclaration(
      alias: try RouteAlias(alias), provider: ProviderName("file:\(file)"),
      location: SourceLocation(file: "\(file).yml", line: line, column: 1))
    declaration.host = host
    declaration.port = .init(target: port)
    return declaration
  }

  static func provided(_ files: [(String, [RouteDeclaration])]) -> DeclaredRoutes {
    DeclaredRoutes(
      ProvidedRoutes(
        providers: files.map { name, routes in
          ProvidedRoutes.Provider(
            name: ProviderName("file:\(name)"), file: "\(name).yml", routes: routes, problems: [], isLoaded: true)
        }))
  }

  static func provided(_ routes: RouteDeclaration...) -> DeclaredRoutes { provided([("routes", routes)]) }
}
