/// The label of a cluster or standalone host, as pvescout.yml names it.
package typealias ClusterName = String

/// A guest's number, unique in its cluster over LXC and QEMU: 100 to 999,999,999 (PVE schema `pve-vmid`).
package typealias VMID = Int

/// A node's identity. Node names are compared with case, as PVE does.
package struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var cluster: ClusterName
  package var name: String

  package init(cluster: ClusterName, name: String) { (self.cluster, self.name) = (cluster, name) }

  package var description: String { "\(cluster)/\(name)" }
  package static func < (left: Self, right: Self) -> Bool { (left.cluster, left.name) < (right.cluster, right.name) }
}

/// A guest's identity: it holds through rename, migration and a new address.
package struct GuestID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var cluster: ClusterName
  package var vmid: VMID

  package init(cluster: ClusterName, vmid: VMID) { (self.cluster, self.vmid) = (cluster, vmid) }

  package var description: String { "\(cluster)/\(vmid)" }
  package static func < (left: Self, right: Self) -> Bool { (left.cluster, left.vmid) < (right.cluster, right.vmid) }
}

/// What a guest is.
package enum GuestType: String, Sendable, CaseIterable { case lxc, qemu }

/// What PVE says of a guest: `running`, `stopped`, or any other word of QMP (`paused`, `prelaunch`, …).
package struct GuestStatus: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }

  package static let running = Self("running")
  package static let stopped = Self("stopped")
  package static let unknown = Self("unknown")

  package var isRunning: Bool { self == .running }
}

/// What PVE says of a node.
package enum NodeStatus: String, Sendable, CaseIterable { case online, offline, unknown }
