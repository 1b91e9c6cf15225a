/// A version of pve-manager, and the features of its API.
package struct PVEVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int

  package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  /// As in `/version`.
  package var description: String { "\(major).\(minor).\(patch)" }

  package static func < (left: PVEVersion, right: PVEVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  /// LXC `interfaces` exists since pve-container 5.0.6.
  var hasContainerInterfaces: Bool { self >= PVEVersion(8, 1) }
  /// Before pve-container 5.2.0, a node only looked among its own containers.
  var forwardsContainerInterfaces: Bool { self >= PVEVersion(8, 3) }
  /// All addresses of an LXC interface, not the last of each family only (pve-container 5.2.6).
  var listsAllContainerAddresses: Bool { self >= PVEVersion(8, 4) }
  /// Error texts are in the body too, not only in the reason phrase (libpve-http-server-perl 5.2.0).
  var repeatsErrorsInBody: Bool { self >= PVEVersion(8, 4) }
  /// `/nodes/{n}/lxc` wrote VMIDs as strings before pve-container 5.0.10.
  var listsNumericVMIDs: Bool { self >= PVEVersion(8, 2) }
  /// The privileges for answers of a VM's guest agent; one of them is sufficient.
  var guestAgentPrivileges: [String] {
    major >= 9 ? ["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"] : ["VM.Monitor"]
  }
}
