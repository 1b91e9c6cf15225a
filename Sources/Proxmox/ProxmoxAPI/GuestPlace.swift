/// The path parts for calls about a guest: PVE has different paths for LXC and VMs, and looks on one node only.
package struct GuestPlace: Hashable, Sendable {
  package var node: String
  package var vmid: Int
  package var isQEMU: Bool

  package init(node: String, vmid: Int, isQEMU: Bool) { (self.node, self.vmid, self.isQEMU) = (node, vmid, isQEMU) }

  /// Below `/nodes/{node}`.
  var path: String { "/\(isQEMU ? "qemu" : "lxc")/\(vmid)/status" }
}
