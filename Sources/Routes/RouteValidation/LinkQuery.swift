import ProxmoxInventory
package import RouteModel

/// The keys by which a route may match a node or guest, strongest first. Created without copying texts.
package struct LinkQuery: Sendable {
  /// As stated by the route; empty if it states none.
  let host: String
  let aliasText: String
  let keys: LookupKeys

  /// - Parameters:
  ///   - host: as stated by a route: a name or an IP literal.
  ///   - address: an address known besides the host.
  package init(host: String? = nil, address: IPAddress? = nil, alias: String? = nil) {
    self.host = host ?? ""
    aliasText = alias ?? ""
    keys = LookupKeys(host: self.host.utf8.span, address: address, alias: aliasText.utf8.span)
  }

  /// - Parameter keys: the keys of these texts.
  init(host: String?, alias: String?, keys: LookupKeys) {
    (self.host, aliasText, self.keys) = (host ?? "", alias ?? "", keys)
  }

  /// The stated host if it is ignored because it is this machine; else nil.
  package var skippedHost: String? { keys.isHostThisMachine ? host : nil }

  /// Empty for a route on this machine or without an IP literal.
  package var addresses: [IPAddress] { [keys.address, keys.literal].compactMap { $0 } }

  /// The host's name in the form for comparisons; nil if the host is absent, an IP literal, or this machine.
  package var hostname: String? { keys.has(.hostname) ? Self.folded(host, keys.host) : nil }
  /// The alias in the form for comparisons; nil if it is an IP literal.
  package var alias: String? { keys.has(.alias) ? Self.folded(aliasText, keys.alias) : nil }

  /// The text of a key of the query: an address in canonical form, a name in the form for comparisons.
  func text(of key: LookupKey) -> String {
    switch key {
    case .address: keys.address?.description ?? ""
    case .literal: Self.text(of: keys.literal, host) ?? ""
    case .hostname: Self.folded(host, keys.host)
    case .alias: Self.folded(aliasText, keys.alias)
    }
  }

  /// The same for the key of a decision, without a query.
  static func text(of decision: LookupDecision, host: String?, alias: String?) -> String {
    switch decision.key {
    case .address: decision.keys.address?.description ?? ""
    case .literal: text(of: decision.keys.literal, host ?? "") ?? ""
    case .hostname: folded(host ?? "", decision.keys.host)
    case .alias: folded(alias ?? "", decision.keys.alias)
    }
  }

  /// Both addresses if there are two; nil without one.
  var addressText: String? {
    let literal = Self.text(of: keys.literal, host)
    guard let address = keys.address?.description else { return literal }
    return literal.map { "\(address) or \($0)" } ?? address
  }

  private static func text(of literal: IPAddress?, _ host: String) -> String? {
    literal.map { $0.isSpelled(host) ? host : $0.description }
  }

  private static func folded(_ name: String, _ key: NameKey) -> String { key.isFolded ? name : HostName.fold(name) }
}
