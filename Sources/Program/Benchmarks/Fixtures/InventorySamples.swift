import FoundationEssentials
import ProxmoxInventory
import RouteModel

/// A cluster of three nodes with running containers, each with one address: `app-%06d` at 127.64.16.1 and on.
enum InventorySamples {
  static let cluster: ClusterName = "bench"
  static let firstVMID = 100
  static let nodeCount = 3

  static func node(_ number: Int) -> String { "pve\(number % nodeCount + 1)" }
  static func nodeAddress(_ number: Int) -> String { "127.64.0.\(11 + number % nodeCount)" }
  static func address(_ number: Int) -> String { "127.64.\(16 + number / 250).\(1 + number % 250)" }

  /// - Parameter moved: guests with another address than ``address(_:)``.
  static func snapshot(guests: Int, moved: Range<Int> = 0..<0) -> InventorySnapshot {
    let freshness = Freshness(asOf: Date(timeIntervalSince1970: 1_700_000_000))
    var snapshot = ClusterSnapshot(name: cluster)
    snapshot.freshness = freshness
    snapshot.nodes = (0..<nodeCount).map { number in
      Node(
        id: NodeID(cluster: cluster, name: node(number)), status: .online,
        addresses: [IPAddress(nodeAddress(number))].compactMap { $0 }, freshness: freshness)
    }
    snapshot.guests = (0..<guests).map { number in
      guest(number, address: moved.contains(number) ? "127.65.0.\(1 + number)" : address(number), freshness: freshness)
    }
    return InventorySnapshot(clusters: [snapshot], generation: 1)
  }

  private static func guest(_ number: Int, address: String, freshness: Freshness) -> Guest {
    Guest(
      id: GuestID(cluster: cluster, vmid: firstVMID + number), type: .lxc, name: KeyForm.short.key(number),
      node: node(number), status: .running,
      addresses: [IPAddress(address)].compactMap { $0 }.map {
        GuestAddress($0, interface: "eth0", source: .interfaces)
      }, freshness: freshness)
  }
}
