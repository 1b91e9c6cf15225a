import ProxmoxInventory
import RouteModel

/// The addresses that a guest or node may claim. Root in a guest can claim any address, even one of this machine.
struct AddressClaims: Hashable, Sendable {
  /// `discovery.loopback_guests`: addresses in 127.0.0.0/8 except 127.0.0.1 are treated as ordinary ones.
  var allowsLoopback = false

  /// Whether a route may match the address or use it as its target.
  func allow(_ address: IPAddress) -> Bool { address.canNameAMachine && (allowsLoopback || !address.isLoopback) }

  /// A guest's addresses without those that no guest can have. Link-local ones are kept for display: they match
  /// nothing.
  func allowed(_ addresses: [GuestAddress]) -> [GuestAddress] {
    addresses.contains { isForeign($0.address) } ? addresses.filter { !isForeign($0.address) } : addresses
  }

  /// The error shown for a guest that claims only addresses that no guest can have; nil otherwise.
  func refusal(of addresses: [GuestAddress]) -> String? {
    guard let first = addresses.first, addresses.allSatisfy({ isForeign($0.address) }) else { return nil }
    let advice = first.address.isLoopback ? " (in a lab: discovery.loopback_guests: true)" : ""
    return "it claims the address \(first.address), which is no guest's, so it is not used\(advice)"
  }

  private func isForeign(_ address: IPAddress) -> Bool { !allow(address) && !address.isLinkLocal }
}
