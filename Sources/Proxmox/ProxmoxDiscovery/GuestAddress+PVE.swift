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

/// The network cards in a guest's configuration. They are valid as long as the guest runs, with rare exceptions.
struct GuestCards: Hashable, Sendable {
  /// Whether a VM is configured to have a guest agent.
  var hasAgent = false
  /// The configured addresses, kept so that they need not be read again if the guest stops answering.
  var configured: [GuestAddress]
  private var byHardwareAddress: [String: Int] = [:]

  init(_ networks: [ConfiguredNetwork], hasAgent: Bool = false) {
    self.hasAgent = hasAgent
    configured = networks.flatMap(GuestAddress.all)
    for network in networks {
      if let mac = network.hardwareAddress?.lowercased() { byHardwareAddress[mac] = network.index }
    }
  }

  /// Matched by the MAC, which bridges and bonds over the card in the guest share.
  func card(of interface: GuestInterface) -> Int? {
    interface.hardwareAddress.flatMap { byHardwareAddress[$0.lowercased()] }
  }
}
