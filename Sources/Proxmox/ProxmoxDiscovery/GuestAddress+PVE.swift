import ProxmoxAPI
import ProxmoxInventory
import RouteModel

extension GuestAddress {
  static func all(of interface: GuestInterface, source: Source, cards: GuestCards?) -> [GuestAddress] {
    let card = cards?.card(of: interface)
    return interface.addresses.compactMap { text in
      IPAddress(text).map { GuestAddress($0, interface: interface.name, source: source, card: card) }
    }
  }

  /// The static addresses of a `netN` or `ipconfigN`.
  static func all(of network: ConfiguredNetwork) -> [GuestAddress] {
    network.addresses.compactMap { text in
      IPAddress(text).map {
        GuestAddress($0, interface: network.interface ?? "net\(network.index)", source: .config, card: network.index)
      }
    }
  }
}

/// What a guest's configuration tells of its network cards. It holds as long as the guest runs, or nearly so.
struct GuestCards: Hashable, Sendable {
  /// Whether a VM is configured to have a guest agent.
  var hasAgent = false
  /// What the configuration states, so that it need not be read again when the guest falls silent.
  var configured: [GuestAddress]
  private var byHardwareAddress: [String: Int] = [:]

  init(_ networks: [ConfiguredNetwork], hasAgent: Bool = false) {
    self.hasAgent = hasAgent
    configured = networks.flatMap(GuestAddress.all)
    for network in networks {
      if let mac = network.hardwareAddress?.lowercased() { byHardwareAddress[mac] = network.index }
    }
  }

  /// By the MAC, which a guest's bridges and bonds over the card have as well.
  func card(of interface: GuestInterface) -> Int? {
    interface.hardwareAddress.flatMap { byHardwareAddress[$0.lowercased()] }
  }
}
