import ProxmoxInventory
import RouteModel

/// Sorts a guest's addresses by preference.
///
/// The order: addresses that can identify the guest, then the user's preference, permanent before temporary addresses,
/// the guest's cards before interfaces that it created itself (tunnels, container networks), IPv4 before IPv6;
/// otherwise the order in which the guest reports them.
struct AddressRanking {
  /// A container host can have hundreds of interfaces; no route needs more.
  private static let maximumCount = 64

  let preference: AddressPreference

  init(_ preference: AddressPreference = AddressPreference()) { self.preference = preference }

  /// Each address once, at its best position, without loopback addresses.
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
      // A guest may have an address twice, with two prefix lengths or on two interfaces.
      .map(\.address).filter { seen.insert($0.address).inserted }
      .prefix(Self.maximumCount).map(\.self)
  }

  private func rank(_ address: GuestAddress, lasting: Set<Link>) -> [Int] {
    let isTemporary = !address.isLasting && Link(address).map(lasting.contains) ?? false
    return [
      address.isSignificant ? 0 : 1, network(of: address), isPreferredInterface(address) ? 0 : 1,
      preference.family.map { $0 == address.address.family ? 0 : 1 } ?? 0, isTemporary ? 1 : 0,
      // Known to be on a card by its MAC, possibly on one, or certainly on none.
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

  /// PVE does not report which addresses are temporary (RFC 8981). A temporary address always accompanies a permanent
  /// one of its network: if one is clearly permanent, the others of the network count as temporary.
  private static func lastingLinks(_ addresses: [GuestAddress]) -> Set<Link> {
    Set(addresses.filter(\.isLasting).compactMap(Link.init))
  }
}

extension GuestAddress {
  /// Configured, derived from the card's MAC (RFC 4291 appendix A), or short, as assigned by a person or DHCPv6.
  fileprivate var isLasting: Bool {
    guard let identifier = address.interfaceIdentifier else { return true }
    return source == .config || identifier >> 24 & 0xffff == 0xfffe || identifier >> 32 == 0
  }

  /// Recognised by the usual names of such interfaces.
  fileprivate var isOnTunnel: Bool {
    ["tailscale", "wg", "tun", "tap", "zt", "virbr", "cni", "flannel", "podman", "lxc", "lxd"]
      .contains { interface.hasPrefix($0) }
  }
}
