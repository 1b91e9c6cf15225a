/// What discovery needs of `GET /nodes/{n}/qemu/{id}/config`.
package struct QEMUConfig: Hashable, Sendable {
  package var name: String?
  /// Whether the VM is configured to have a guest agent; only then is it asked.
  package var isAgentEnabled: Bool
  /// Cloud-init's `ipconfigN`: what the VM should have, which is not always what it has.
  package var networks: [ConfiguredNetwork]

  init?(_ data: JSONValue) {
    guard let config = data.object else { return nil }
    name = data["name"].nonEmptyString
    isAgentEnabled = Self.isEnabled(data["agent"].string ?? "0")
    networks = ConfiguredNetwork.all("ipconfig", in: config)
  }

  /// Reads `1`, `enabled=1,fstrim_cloned_disks=1` or `fstrim_cloned_disks=1,enabled=0`.
  private static func isEnabled(_ agent: String) -> Bool {
    agent.split(separator: ",").contains { $0 == "1" || $0 == "enabled=1" }
  }
}
