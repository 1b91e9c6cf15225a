import Glibc

/// An IPv4 or IPv6 address in canonical form: different spellings of the same address are equal.
///
/// IPv4-mapped IPv6 addresses (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) become IPv4; a zone (`%eth0`) is dropped.
package struct IPAddress: Hashable, Comparable, BitwiseCopyable, Sendable, CustomStringConvertible {
  package enum Family: UInt8, BitwiseCopyable, Sendable { case ipv4, ipv6 }

  package let family: Family
  /// The first and the last 64 bits; an IPv4 address uses only the last 32.
  let high: UInt64
  let low: UInt64

  /// Creates an address from the 128 bits of an IPv6 address.
  init(high: UInt64, low: UInt64) {
    let isMapped = high == 0 && low >> 32 == 0xffff
    self.init(family: isMapped ? .ipv4 : .ipv6, high: high, low: isMapped ? low & 0xffff_ffff : low)
  }

  /// The 128 bits; for an IPv4 address, those of its IPv4-mapped form.
  package var bits: (high: UInt64, low: UInt64) { (high, family == .ipv4 ? 0xffff << 32 | low : low) }

  private init(family: Family, high: UInt64, low: UInt64) {
    (self.family, self.high, self.low) = (family, high, low)
  }

  /// 169.254.0.0/16 or fe80::/10: reachable on one link only, so it does not identify a machine.
  package var isLinkLocal: Bool {
    family == .ipv4 ? low >> 16 == 0xa9fe : high >> 54 == 0xfe80 >> 6
  }

  /// 127.0.0.1 or ::1: the local machine.
  package var isLocalhost: Bool { family == .ipv4 ? low == 0x7f00_0001 : high == 0 && low == 1 }

  /// 127.0.0.0/8 or ::1: never leaves this machine.
  package var isLoopback: Bool { family == .ipv4 ? low >> 24 == 0x7f : isLocalhost }

  /// 224.0.0.0/4 or ff00::/8: a group of machines.
  package var isMulticast: Bool { family == .ipv4 ? low >> 28 == 0xe : high >> 56 == 0xff }

  /// 0.0.0.0 or ::, "any address".
  package var isUnspecified: Bool { high == 0 && low == 0 }

  /// Whether the address can identify one machine of a network: not link-local, multicast, broadcast, unspecified, or
  /// this machine's 127.0.0.1 or ::1. The rest of 127.0.0.0/8 is accepted.
  package var canNameAMachine: Bool {
    if isLinkLocal || isMulticast || isLocalhost { return false }
    // 0.0.0.0/8 is "this network" (RFC 1122), ::/64 reserved (RFC 4291 §2.4, including the obsolete embedding of IPv4).
    return family == .ipv4 ? low >> 24 != 0 && low != 0xffff_ffff : high != 0
  }

  /// Whether the text that the address was parsed from equals its ``description``. Only determined for IPv4: no such
  /// text is shorter, and a longer one has a prefix length, brackets or the like.
  package func isSpelled(_ text: String) -> Bool {
    guard family == .ipv4 else { return false }
    var length = 7
    for shift in stride(from: UInt64(0), through: 24, by: 8) {
      let part = low >> shift & 0xff
      length += part >= 100 ? 2 : part >= 10 ? 1 : 0
    }
    return text.utf8.count == length
  }

  package var description: String {
    if family == .ipv4 {
      // At most 15 bytes, which a String stores inline.
      var text = String(low >> 24)
      for shift in stride(from: UInt64(16), through: 0, by: -8) {
        text += "."
        text += String(low >> shift & 0xff)
      }
      return text
    }
    var bytes = (high.bigEndian, low.bigEndian)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(AF_INET6, &bytes, &text, socklen_t(INET6_ADDRSTRLEN))
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.family.rawValue, left.high, left.low) < (right.family.rawValue, right.high, right.low)
  }
}
