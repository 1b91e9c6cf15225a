/// The label of a cluster or standalone host in pvescout.yml.
package typealias ClusterName = String

/// A guest's number, unique in its cluster across LXC and QEMU: 100 to 999,999,999 (PVE schema `pve-vmid`).
package typealias VMID = Int

/// A node's identity. Node names are compared case-sensitively, as in PVE.
package struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var cluster: ClusterName
  package var name: String

  package init(cluster: ClusterName, name: String) { (self.cluster, self.name) = (cluster, name) }

  package var description: String { "\(cluster)/\(name)" }
  package static func < (left: Self, right: Self) -> Bool { (left.cluster, left.name) < (right.cluster, right.name) }
}

/// A guest's identity, which is stable across renames, migrations and address changes.
package struct GuestID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var cluster: ClusterName
  package var vmid: VMID

  package init(cluster: ClusterName, vmid: VMID) { (self.cluster, self.vmid) = (cluster, vmid) }

  package var description: String { "\(cluster)/\(vmid)" }
  package static func < (left: Self, right: Self) -> Bool { (left.cluster, left.vmid) < (right.cluster, right.vmid) }
}

/// The kind of a guest.
package enum GuestType: String, Sendable, CaseIterable { case lxc, qemu }

/// A guest's status in PVE: `running`, `stopped`, or any other status of QMP (`paused`, `prelaunch`, …).
package struct GuestStatus: Hashable, Sendable, CustomStringConvertible {
  package let text: String
  package init(_ text: String) { self.text = text }
  package var description: String { text }

  package static let running = Self("running")
  package static let stopped = Self("stopped")
  package static let unknown = Self("unknown")

  package var isRunning: Bool { self == .running }
}

/// A node's status in PVE.
package enum NodeStatus: String, Sendable, CaseIterable { case online, offline, unknown }
