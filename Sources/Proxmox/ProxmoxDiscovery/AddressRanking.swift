import ProxmoxInventory
import RouteModel

/// Puts a guest's addresses into the order of preference.
///
/// What can name the guest comes first, then what the user prefers, lasting before temporary addresses, the guest's
/// cards before interfaces that it made itself (tunnels, container networks), IPv4 before IPv6; else as the guest tells.
struct AddressRanking {
  /// A container host can have hundreds of interfaces; no route needs more.
  private static let maximumCount = 64

  let preference: AddressPreference

  init(_ preference: AddressPreference = AddressPreference()) { self.preference = preference }

  /// Each address once, in its best place. The loopback's are left out.
  func ranked(_ addresses: [GuestAddress]) -> [GuestAddress] {
    let own = addresses.filter { !($0.interface == "lo" || $0.address.isLocalhost || $0.address.isUnspecified) }
    guard own.count > 1 else { return own }
    let lasting = Self.lastingLinks(own)
    var seen: Set<IPAddress> = []
    return own.enumerated()
      .map { (rank: rank($0.element, lasting: lasting), offset: $0.offset, address: $0.element) }
      .sorted { left, right in
        left.rank == right.rank ? left.offset < right.offset : left.rank.lexicographicallyPrecedes(right.rank)
      }
      // A guest may have one address twice, with two prefix lengths or on two interfaces.
      .map(\.address).filter { seen.insert($0.address).inserted }
      .prefix(Self.maximumCount).map(\.self)
  }

  private func rank(_ address: GuestAddress, lasting: Set<Link>) -> [Int] {
    let isTemporary = !address.isLasting && Link(address).map(lasting.contains) ?? false
    return [
      address.isSignificant ? 0 : 1, network(of: address), isPreferredInterface(address) ? 0 : 1,
      preference.family.map { $0 == address.address.family ? 0 : 1 } ?? 0, isTemporary ? 1 : 0,
      // On a card by its MAC; maybe on one; surely on none.
      address.card ?? (address.isOnTunnel ? Int.max : 1000), address.address.family == .ipv4 ? 0 : 1,
    ]
  }

  private func network(of address: GuestAddress) -> Int {
    guard let networks = preference.networks else { return 0 }
    return networks.firstIndex { $0.contains(address.address) } ?? networks.count
  }

  private func isPreferredInterface(_ address: GuestAddress) -> Bool {
    guard let interface = preference.interface else { return true }
    return address.interface == interface || address.card.map { "net\($0)" == interface } ?? false
  }
}

extension AddressRanking {
  /// An IPv6 network on one interface.
  private struct Link: Hashable {
    var interface: String
    var prefix: UInt64

    init?(_ address: GuestAddress) {
      guard let prefix = address.address.linkPrefix, !address.address.isLinkLocal else { return nil }
      (self.interface, self.prefix) = (address.interface, prefix)
    }
  }

  /// PVE does not tell which addresses are temporary (RFC 8981). One is made beside a lasting one of its network: where
  /// one is plainly lasting, the others there are taken for temporary.
  private static func lastingLinks(_ addresses: [GuestAddress]) -> Set<Link> {
    Set(addresses.filter(\.isLasting).compactMap(Link.init))
  }
}

extension GuestAddress {
  /// Configured, made of the card's MAC (RFC 4291 appendix A), or short as a person or DHCPv6 gives them.
  fileprivate var isLasting: Bool {
    guard let identifier = address.interfaceIdentifier else { return true }
    return source == .config || identifier >> 24 & 0xffff == 0xfffe || identifier >> 32 == 0
  }

  /// By the names that such interfaces usually have.
  fileprivate var isOnTunnel: Bool {
    ["tailscale", "wg", "tun", "tap", "zt", "virbr", "cni", "flannel", "podman", "lxc", "lxd"]
      .contains { interface.hasPrefix($0) }
  }
}
