import Foundation
import RouteModel

@testable import ProxmoxInventory

let fresh = Freshness(asOf: Date(timeIntervalSince1970: 1_700_000_000))

func address(_ text: String) throws -> IPAddress {
  guard let address = IPAddress(text) else { throw NotAnAddress(text: text) }
  return address
}

struct NotAnAddress: Error { var text: String }

func guest(
  _ vmid: VMID, _ name: String?, _ status: GuestStatus = .running, cluster: ClusterName = "home", node: String = "pve1",
  template: Bool = false, on interface: String = "eth0", at addresses: String...
) throws -> Guest {
  Guest(
    id: GuestID(cluster: cluster, vmid: vmid), type: .lxc, name: name, node: node, status: status, isTemplate: template,
    addresses: try addresses.map { GuestAddress(try address($0), interface: interface, source: .interfaces) },
    freshness: fresh)
}

func node(_ name: String, cluster: ClusterName = "home", at addresses: String...) throws -> Node {
  Node(
    id: NodeID(cluster: cluster, name: name), status: .online, addresses: try addresses.map(address), freshness: fresh)
}

func cluster(_ name: ClusterName = "home", nodes: [Node] = [], guests: [Guest] = [], read: Bool = true)
  -> ClusterSnapshot
{
  var cluster = ClusterSnapshot(name: name)
  cluster.nodes = nodes
  cluster.guests = guests
  cluster.freshness = read ? fresh : nil
  return cluster
}

func inventory(nodes: [Node] = [], guests: [Guest] = []) -> InventorySnapshot {
  InventorySnapshot(clusters: [cluster(nodes: nodes, guests: guests)])
}

extension InventorySnapshot {
  /// The VMIDs of the guests that a name matches.
  func vmids(named name: String) -> [VMID] { vmids(matches(name: name.utf8.span, NameKey(name)).guests) }

  func vmids(at text: String) throws -> [VMID] { vmids(matches(address: try address(text)).guests) }

  func nodeNames(named name: String) -> [String] {
    resources(of: matches(name: name.utf8.span, NameKey(name)).nodes).map(\.node.name)
  }

  func nodeNames(at text: String) throws -> [String] {
    resources(of: matches(address: try address(text)).nodes).map(\.node.name)
  }

  private func vmids(_ matches: MatchList) -> [VMID] {
    resources(of: matches).compactMap { LinkedResource($0, matchedBy: .alias, matched: "").guest?.vmid }
  }
}
