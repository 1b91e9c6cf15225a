import HTTPMessages
import RouteModel

/// Decides for which hosts the first label is a short alias.
///
/// Only under the domains of `match_domains`, or without them under domains that do not exist in public DNS. Otherwise a
/// web page could reach a route through a name of its own (DNS rebinding).
struct HostRule: Sendable {
  private let domains: [[UInt8]]
  private let isExact: Bool

  private static let localDomains = ["local", "lan", "internal", "home.arpa", "localhost", "test", "example"]

  init(matchDomains: [String]) {
    isExact = !matchDomains.isEmpty
    domains = (isExact ? matchDomains : Self.localDomains).map { Array($0.lowercased().utf8) }
  }

  /// Length of the first label if it can be an alias; nil if only the whole host can.
  func aliasLength(of host: Span<UInt8>) -> Int? {
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

  /// Whether the host from `first` on is the domain, or ends with it if no domains are configured.
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
