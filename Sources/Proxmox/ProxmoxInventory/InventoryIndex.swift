import RouteModel

/// The reverse lookup's dictionaries over the clusters of one snapshot. Built once, then only read.
final class InventoryIndex: Sendable {
  let nodesByName: [String: Positions]
  let nodesByAddress: [IPAddress: Positions]
  let guestsByVMID: [VMID: Positions]
  /// By folded name, whether bare or fully qualified.
  let guestsByName: [String: Positions]
  /// Guests with a fully qualified name by its first label.
  let guestsByFirstLabel: [String: Positions]
  let guestsByAddress: [IPAddress: Positions]

  init(_ clusters: [ClusterSnapshot]) {
    var builder = Builder(guestCount: clusters.reduce(0) { $0 + $1.guests.count })
    for (cluster, snapshot) in clusters.enumerated() {
      for (index, node) in snapshot.nodes.enumerated() { builder.add(node, at: Position(cluster, index)) }
      for (index, guest) in snapshot.guests.enumerated() { builder.add(guest, at: Position(cluster, index)) }
    }
    nodesByName = builder.nodesByName
    nodesByAddress = builder.nodesByAddress
    guestsByVMID = builder.guestsByVMID
    guestsByName = builder.guestsByName
    guestsByFirstLabel = builder.guestsByFirstLabel
    guestsByAddress = builder.guestsByAddress
  }
}

extension InventoryIndex {
  /// Where a node or guest stands in the snapshot's clusters.
  struct Position: Equatable, Sendable {
    let cluster: Int32
    let index: Int32

    init(_ cluster: Int, _ index: Int) {
      (self.cluster, self.index) = (Int32(truncatingIfNeeded: cluster), Int32(truncatingIfNeeded: index))
    }
  }

  /// The places of one key, in the snapshot's order. Nearly every key has one, which needs no array.
  struct Positions: Sendable {
    private(set) var first: Position?
    private(set) var others: [Position] = []

    mutating func append(_ position: Position) {
      if first == nil {
        first = position
      } else if (others.last ?? first) != position {
        // A guest with one address on two interfaces stands here once.
        others.append(position)
      }
    }

    func forEach(_ body: (Position) -> Void) {
      if let first { body(first) }
      others.forEach(body)
    }
  }
}

extension InventoryIndex {
  private struct Builder {
    var nodesByName: [String: Positions] = [:]
    var nodesByAddress: [IPAddress: Positions] = [:]
    var guestsByVMID: [VMID: Positions] = [:]
    var guestsByName: [String: Positions] = [:]
    var guestsByFirstLabel: [String: Positions] = [:]
    var guestsByAddress: [IPAddress: Positions] = [:]

    init(guestCount: Int) {
      guestsByVMID.reserveCapacity(guestCount)
      guestsByName.reserveCapacity(guestCount)
      guestsByAddress.reserveCapacity(guestCount)
    }

    mutating func add(_ node: Node, at position: Position) {
      nodesByName[HostName.fold(node.id.name), default: Positions()].append(position)
      for address in node.addresses where address.canNameAMachine {
        nodesByAddress[address, default: Positions()].append(position)
      }
    }

    mutating func add(_ guest: Guest, at position: Position) {
      guestsByVMID[guest.id.vmid, default: Positions()].append(position)
      if guest.isTemplate { return }
      for address in guest.addresses where address.isSignificant {
        guestsByAddress[address.address, default: Positions()].append(position)
      }
      if let name = guest.name, !name.isEmpty, IPAddress(name) == nil { add(name: HostName.fold(name), at: position) }
    }

    private mutating func add(name: String, at position: Position) {
      guestsByName[name, default: Positions()].append(position)
      if !HostName.isBare(name) {
        guestsByFirstLabel[HostName.firstLabel(name), default: Positions()].append(position)
      }
    }
  }
}
