import ProxmoxAPI
import ProxmoxInventory
import RouteModel

extension GuestAddress {
  static func all(of interface: GuestInterface, source: Source) -> [GuestAddress] {
    interface.addresses.compactMap { text in
      IPAddress(text).map { GuestAddress($0, interface: interface.name, source: source) }
    }
  }

  /// The static addresses of a `netN` or `ipconfigN`.
  static func all(of network: ConfiguredNetwork) -> [GuestAddress] {
    network.addresses.compactMap { text in
      IPAddress(text).map { GuestAddress($0, interface: network.interface ?? "net\(network.index)", source: .config) }
    }
  }

  /// In the order of preference: what can name the guest first, its own network before tunnels and container networks,
  /// IPv4 before IPv6, else as the guest tells. The loopback is nobody's address and left out.
  static func ranked(_ addresses: [GuestAddress]) -> [GuestAddress] {
    let own = addresses.filter { !($0.interface == "lo" || $0.address.isLocalhost || $0.address.isUnspecified) }
    let ranked = own.enumerated().sorted { left, right in
      (left.element.rank, left.offset) < (right.element.rank, right.offset)
    }
    return ranked.prefix(maximumCount).map(\.element)
  }

  /// A container host can have hundreds of interfaces; no route needs more.
  private static let maximumCount = 64

  private var rank: Int {
    (isSignificant ? 0 : 4) + (isOnTunnel ? 2 : 0) + (address.family == .ipv4 ? 0 : 1)
  }

  private var isOnTunnel: Bool {
    ["tailscale", "wg", "tun", "tap", "zt", "virbr", "cni", "flannel", "podman", "lxc", "lxd"]
      .contains { interface.hasPrefix($0) }
  }
}
