package import RouteModel

/// The keys of a lookup: a host, an address and an alias in the index's form, computed in one pass over their bytes.
///
/// Valid for those texts only: the tables also compare the bytes.
package struct LookupKeys: BitwiseCopyable, Sendable {
  /// An address known besides the host.
  package let address: IPAddress?
  /// The host as an IP literal.
  package let literal: IPAddress?
  /// For the host's name; empty if it is absent, an IP literal, or this machine.
  package let host: NameKey
  /// For the alias; empty if it is absent or an IP literal.
  package let alias: NameKey
  /// Whether the stated host is ignored because it is this machine.
  package let isHostThisMachine: Bool

  /// - Parameters:
  ///   - host: a name or an IP literal in UTF-8; empty if it is absent.
  ///   - address: an address known besides the host.
  ///   - alias: in UTF-8; empty if it is absent.
  package init(host: Span<UInt8>, address: IPAddress?, alias: Span<UInt8>) {
    let address = Self.usable(address)
    let hash = NameHash()
    let found = Self.literal(host)
    let literal = Self.usable(found)
    // `localhost` is this machine, and matches nothing.
    let name = found == nil ? NameKey(host, hash) : .none
    self.host = name.isLocalhost(host) ? .none : name
    self.address = address
    self.literal = literal == address ? nil : literal
    self.alias = alias.isEmpty || Self.literal(alias) != nil ? .none : NameKey(alias, hash)
    isHostThisMachine = literal == nil && self.host.isEmpty && !host.isEmpty
  }

  @inline(__always)
  private static func literal(_ text: Span<UInt8>) -> IPAddress? { isName(text) ? nil : IPAddress(text) }

  /// Whether it cannot be a literal, as far as its first bytes decide that: a literal that begins with a letter begins
  /// with a group of up to four hexadecimal digits and a colon.
  @inline(__always)
  private static func isName(_ text: Span<UInt8>) -> Bool {
    guard !text.isEmpty, text[0] <= UInt8(ascii: "f") else { return true }
    guard text[0] | 0x20 >= UInt8(ascii: "a"), text[0] != UInt8(ascii: "[") else { return false }
    for index in 1..<min(5, text.count) where text[index] == UInt8(ascii: ":") { return false }
    return true
  }

  @inline(__always)
  private static func usable(_ address: IPAddress?) -> IPAddress? {
    guard let address, !address.isLocalhost, !address.isUnspecified else { return nil }
    return address
  }

  package func has(_ key: LookupKey) -> Bool {
    switch key {
    case .address: address != nil
    case .literal: literal != nil
    case .hostname: !host.isEmpty
    case .alias: !alias.isEmpty
    }
  }
}

/// The keys of a lookup, strongest first.
package enum LookupKey: UInt8, CaseIterable, BitwiseCopyable, Sendable {
  /// An address known besides the host, and the host as an address.
  case address, literal
  case hostname, alias

  package var match: LinkedResource.MatchKey {
    switch self {
    case .address, .literal: .address
    case .hostname: .hostname
    case .alias: .alias
    }
  }
}
