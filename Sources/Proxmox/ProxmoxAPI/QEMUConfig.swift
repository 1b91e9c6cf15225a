import JSONDocument

/// What discovery needs of `GET /nodes/{n}/qemu/{id}/config`.
package struct QEMUConfig: Hashable, Sendable {
  package var name: String?
  /// Whether the VM is configured to have a guest agent; only then is it asked.
  package var isAgentEnabled: Bool
  /// Cloud-init's `ipconfigN`: what the VM should have, which is not always what it has. With the MAC of `netN`.
  package var networks: [ConfiguredNetwork]

  init?(_ data: JSONValue) {
    guard let config = data.object else { return nil }
    name = data["name"].nonEmptyString
    isAgentEnabled = Self.isEnabled(data["agent"].string ?? "0")
    let cards = ConfiguredNetwork.all("net", in: config)
    networks = ConfiguredNetwork.all("ipconfig", in: config)
    for card in cards {
      if let index = networks.firstIndex(where: { $0.index == card.index }) {
        networks[index].hardwareAddress = card.hardwareAddress
      } else {
        networks.append(card)
      }
    }
    networks.sort { $0.index < $1.index }
  }

  /// Reads `1`, `enabled=1,fstrim_cloned_disks=1` or `fstrim_cloned_disks=1,enabled=0`.
  private static func isEnabled(_ agent: String) -> Bool {
    agent.split(separator: ",").contains { $0 == "1" || $0 == "enabled=1" }
  }
}
