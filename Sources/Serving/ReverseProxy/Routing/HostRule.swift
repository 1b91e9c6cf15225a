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
  func aliasLength(of host: RawSpan) -> Int? {
    let host = Span<UInt8>(_bytes: host)
    var (dot, hasColon) = (0, false)
    while dot < host.count, host[dot] != UInt8(ascii: ".") {
      if host[dot] == UInt8(ascii: ":") { hasColon = true }
      dot += 1
    }
    guard dot < host.count else { return hasColon ? nil : host.count }
    let domains = domains.span
    for index in domains.indices where matches(host, from: dot + 1, domains[index].span) { return dot }
    return nil
  }

  /// Whether the host's rest is the domain, or ends in it where that is enough.
  private func matches(_ host: Span<UInt8>, from first: Int, _ domain: Span<UInt8>) -> Bool {
    let start = host.count - domain.count
    guard start == first || !isExact && start > first && host[start - 1] == UInt8(ascii: ".") else { return false }
    for index in domain.indices {
      let byte = host[start + index]
      guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == domain[index] else { return false }
    }
    return true
  }
}
