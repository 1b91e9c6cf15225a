import ProxmoxInventory
package import RouteModel

/// The keys by which a route may match a node or guest, strongest first. Made from texts without copying them.
package struct LinkQuery: Sendable {
  /// An address known besides the host.
  private let address: IPAddress?
  /// The host as an IP literal.
  private let literal: IPAddress?
  /// As the route states it.
  let host: String?
  let hostKey: NameKey?
  let aliasText: String?
  let aliasKey: NameKey?
  private let isHostThisMachine: Bool

  /// - Parameters:
  ///   - host: as a route states it: a name or an IP literal.
  ///   - address: an address known besides the host.
  package init(host: String? = nil, address: IPAddress? = nil, alias: String? = nil) {
    (self.host, aliasText) = (host, alias)
    self.address = Self.usable(address)
    var (literal, hostKey, aliasKey): (IPAddress?, NameKey?, NameKey?) = (nil, nil, nil)
    if let host {
      literal = IPAddress(host.utf8.span)
      if literal == nil { hostKey = Self.hostKey(host) }
    }
    if let alias, IPAddress(alias.utf8.span) == nil { aliasKey = Self.key(alias) }
    literal = Self.usable(literal)
    self.literal = literal == self.address ? nil : literal
    (self.hostKey, self.aliasKey) = (hostKey, aliasKey)
    isHostThisMachine = literal == nil && hostKey == nil && !(host?.isEmpty ?? true)
  }

  /// Why a stated host is no key: it is this machine. Nil where it is one or is absent.
  package var skippedHost: String? { isHostThisMachine ? host : nil }

  /// Empty for a route on this machine or without an IP literal.
  package var addresses: [IPAddress] { [address, literal].compactMap { $0 } }

  /// The host's name in the form in which names compare; nil where the host is absent, an IP literal, or this machine.
  package var hostname: String? { text(of: .hostname) }
  /// The alias in the form in which names compare; nil where it is an IP literal.
  package var alias: String? { text(of: .alias) }

  func address(_ key: LookupKey) -> IPAddress? { key == .address ? address : literal }

  /// The name of a key in the form in which names compare; nil for an address, and where the query has no such key.
  func text(of key: LookupKey) -> String? {
    let (text, name) = key == .hostname ? (host, hostKey) : key == .alias ? (aliasText, aliasKey) : (nil, nil)
    guard let text, let name else { return nil }
    return name.isFolded ? text : HostName.fold(text)
  }

  func has(_ key: LookupKey) -> Bool {
    switch key {
    case .address: address != nil
    case .literal: literal != nil
    case .hostname: hostKey != nil
    case .alias: aliasKey != nil
    }
  }

  private static func usable(_ address: IPAddress?) -> IPAddress? {
    guard let address, !address.isLocalhost, !address.isUnspecified else { return nil }
    return address
  }

  private static func key(_ name: String) -> NameKey? {
    let key = NameKey(name)
    return key.isEmpty ? nil : key
  }

  /// That of the host; `localhost` is this machine, and nothing's name.
  private static func hostKey(_ name: String) -> NameKey? {
    key(name).flatMap { $0.length == 9 && HostName.fold(name) == "localhost" ? nil : $0 }
  }
}

/// The keys of a query, strongest first.
enum LookupKey: UInt8, CaseIterable, BitwiseCopyable {
  /// An address known besides the host, and the host as an address.
  case address, literal
  case hostname, alias

  var match: LinkedResource.MatchKey {
    switch self {
    case .address, .literal: .address
    case .hostname: .hostname
    case .alias: .alias
    }
  }
}
