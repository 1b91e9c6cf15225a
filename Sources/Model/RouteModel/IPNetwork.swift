/// A range of addresses with a common prefix: `10.0.0.0/8`, `fd00::/8`.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
  /// Includes the bits after the prefix as written.
  private let base: IPAddress
  private let bits: Int

  /// Parses CIDR notation; nil if it is invalid, or the prefix is longer than the address.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let base = IPAddress(parts[0]), let bits = UInt8(parts[1]),
      bits <= (base.family == .ipv4 ? 32 : 128)
    else { return nil }
    (self.base, self.bits) = (base, Int(bits))
  }

  package func contains(_ address: IPAddress) -> Bool {
    guard address.family == base.family else { return false }
    if base.family == .ipv4 { return (address.low ^ base.low) >> UInt64(32 - bits) == 0 }
    // A shift by all 64 bits leaves nothing to compare.
    let (high, low) = (address.high ^ base.high, address.low ^ base.low)
    return high >> UInt64(max(0, 64 - bits)) == 0 && low >> UInt64(128 - max(64, bits)) == 0
  }

  package var description: String { "\(base)/\(bits)" }
}

extension IPAddress {
  /// The last 64 bits of an IPv6 address, which identify the interface on its link (RFC 4291 §2.5.1).
  package var interfaceIdentifier: UInt64? { family == .ipv6 ? low : nil }

  /// The first 64 bits of an IPv6 address, which identify the link.
  package var linkPrefix: UInt64? { family == .ipv6 ? high : nil }

  /// The address without the part that its machine may choose: the address itself for IPv4, and the first 64 bits for
  /// IPv6.
  package var assigned: IPAddress { family == .ipv6 ? IPAddress(high: high, low: 0) : self }
}
