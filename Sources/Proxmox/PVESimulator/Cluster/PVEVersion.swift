/// A version of pve-manager, and what the API of that version can do.
package struct PVEVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let major: Int
  package let minor: Int
  package let patch: Int

  package init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
    (self.major, self.minor, self.patch) = (major, minor, patch)
  }

  /// As `/version` says it.
  package var description: String { "\(major).\(minor).\(patch)" }

  package static func < (left: PVEVersion, right: PVEVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  /// LXC `interfaces` exists since pve-container 5.0.6.
  var hasContainerInterfaces: Bool { self >= PVEVersion(8, 1) }
  /// Before pve-container 5.2.0 a node looked for the container among its own.
  var forwardsContainerInterfaces: Bool { self >= PVEVersion(8, 3) }
  /// All addresses of an LXC interface, not the last of each family only (pve-container 5.2.6).
  var listsAllContainerAddresses: Bool { self >= PVEVersion(8, 4) }
  /// Error texts stand in the body too, not in the reason phrase only (libpve-http-server-perl 5.2.0).
  var repeatsErrorsInBody: Bool { self >= PVEVersion(8, 4) }
  /// `/nodes/{n}/lxc` wrote VMIDs as strings before pve-container 5.0.10.
  var listsNumericVMIDs: Bool { self >= PVEVersion(8, 2) }
  /// What a caller needs for the answers of a VM's guest agent; one of them is enough.
  var guestAgentPrivileges: [String] {
    major >= 9 ? ["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"] : ["VM.Monitor"]
  }
}
