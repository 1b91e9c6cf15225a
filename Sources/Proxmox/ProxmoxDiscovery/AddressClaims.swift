import ProxmoxInventory
import RouteModel

/// Which addresses a guest or node may claim for itself. Root in a guest can claim any, this machine's own among them.
struct AddressClaims: Hashable, Sendable {
  /// `discovery.loopback_guests`: 127.0.0.0/8 without 127.0.0.1 is ordinary.
  var allowsLoopback = false

  /// Whether a route may be matched by the address or lead to it.
  func allow(_ address: IPAddress) -> Bool { address.canNameAMachine && (allowsLoopback || !address.isLoopback) }

  /// A guest's addresses without those that no guest has. Link-local ones stay, for a person to see: they match nothing.
  func allowed(_ addresses: [GuestAddress]) -> [GuestAddress] {
    addresses.contains { isForeign($0.address) } ? addresses.filter { !isForeign($0.address) } : addresses
  }

  /// What a person reads at a guest that claims nothing else; nil where it has other addresses, or none.
  func refusal(of addresses: [GuestAddress]) -> String? {
    guard let first = addresses.first, addresses.allSatisfy({ isForeign($0.address) }) else { return nil }
    let advice = first.address.isLoopback ? " (in a lab: discovery.loopback_guests: true)" : ""
    return "it claims the address \(first.address), which is no guest's, so it is not used\(advice)"
  }

  private func isForeign(_ address: IPAddress) -> Bool { !allow(address) && !address.isLinkLocal }
}
