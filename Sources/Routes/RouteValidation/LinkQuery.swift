package import RouteModel

/// The keys by which a route may meet a node or guest, strongest first.
package struct LinkQuery: Hashable, Sendable {
  /// Empty for a route on this machine or without an IP literal.
  package var addresses: [IPAddress] = []
  /// Nil where the host is absent, an IP literal, or this machine.
  package var hostname: String?
  /// Nil where the alias is an IP literal.
  package var alias: String?
  /// Why a stated host is no key; nil where it is one or is absent.
  package var skippedHost: String?

  /// - Parameters:
  ///   - host: as a route states it: a name or an IP literal.
  ///   - address: an address known besides the host.
  package init(host: String? = nil, address: IPAddress? = nil, alias: String? = nil) {
    let literal = host.flatMap { IPAddress($0) }
    let names = [host.flatMap { literal == nil ? HostName.fold($0) : nil }, alias.map(HostName.fold)]
    addresses = [address, literal].compactMap { $0 }.filter { !$0.isLocalhost && !$0.isUnspecified }
    hostname = names[0].flatMap { $0 == "localhost" || $0.isEmpty ? nil : $0 }
    self.alias = names[1].flatMap { IPAddress($0) == nil && !$0.isEmpty ? $0 : nil }
    if let host, !host.isEmpty, hostname == nil, literal.map({ $0.isLocalhost || $0.isUnspecified }) ?? true {
      skippedHost = host
    }
    if addresses.count == 2, addresses[0] == addresses[1] { addresses.removeLast() }
  }
}
