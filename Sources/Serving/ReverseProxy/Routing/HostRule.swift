import HTTPMessages
import RouteModel

/// Which Host may find a route by its short alias: by its first label alone.
///
/// Only under the domains that the user named; without any under names that no public DNS gives out, so that a web page
/// cannot make a browser speak to a route by a name of its own choosing (DNS rebinding).
struct HostRule: Sendable {
  private let domains: [[UInt8]]
  private let isExact: Bool

  private static let localDomains = ["local", "lan", "internal", "home.arpa", "localhost", "test", "example"]

  init(matchDomains: [String]) {
    isExact = !matchDomains.isEmpty
    domains = (isExact ? matchDomains : Self.localDomains).map { Array($0.lowercased().utf8) }
  }

  /// How long the first label is, if it may stand for an alias; nil if only the whole host may.
  func aliasLength(of host: UnsafeRawBufferPointer) -> Int? {
    guard let dot = host.firstIndex(of: UInt8(ascii: ".")) else {
      return host.contains(UInt8(ascii: ":")) ? nil : host.count
    }
    let domain = UnsafeRawBufferPointer(rebasing: host[(dot + 1)...])
    return domains.contains { matches(domain, $0) } ? dot : nil
  }

  private func matches(_ domain: UnsafeRawBufferPointer, _ wanted: [UInt8]) -> Bool {
    let start = domain.count - wanted.count
    guard start == 0 || start > 0 && !isExact && domain[start - 1] == UInt8(ascii: ".") else { return false }
    return zip(domain[start...], wanted).allSatisfy { ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }
  }
}
