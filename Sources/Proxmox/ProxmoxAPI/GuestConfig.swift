import JSONDocument

/// The part of `GET /nodes/{n}/qemu/{id}/config` that discovery uses.
package struct QEMUConfig: Hashable, Sendable {
  package var name: String?
  /// Whether a guest agent is configured; only then is it called.
  package var isAgentEnabled: Bool
  /// Cloud-init's `ipconfigN`: the intended addresses, which may differ from the actual ones. With the MAC of `netN`.
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

  /// Parses `1`, `enabled=1,fstrim_cloned_disks=1` or `fstrim_cloned_disks=1,enabled=0`.
  private static func isEnabled(_ agent: String) -> Bool {
    agent.split(separator: ",").contains { $0 == "1" || $0 == "enabled=1" }
  }
}

/// The part of `GET /nodes/{n}/lxc/{id}/config` that discovery uses.
package struct LXCConfig: Hashable, Sendable {
  package var hostname: String?
  package var networks: [ConfiguredNetwork]

  init?(_ data: JSONValue) {
    guard let config = data.object else { return nil }
    hostname = data["hostname"].nonEmptyString
    networks = ConfiguredNetwork.all("net", in: config)
  }
}
