import RouteModel

/// The result of a lookup as numbers; the link and its explanation are derived from it on request.
///
/// Valid for its snapshot only.
package struct LookupDecision: BitwiseCopyable, Sendable {
  package enum Class: UInt8, BitwiseCopyable, Sendable { case node, guest }

  /// The class and the key that matched; meaningless without a match.
  package let kind: Class
  package let key: LookupKey
  package let resources: MatchList
  /// The keys of the lookup.
  package let keys: LookupKeys

  package var isMiss: Bool { resources.isEmpty }

  @inline(__always)
  fileprivate init(_ keys: LookupKeys, _ kind: Class, _ key: LookupKey, _ resources: MatchList) {
    (self.keys, self.kind, self.key, self.resources) = (keys, kind, key, resources)
  }
}

extension InventoryIndex {
  /// The strongest key with a match: nodes before guests; address, then hostname, then alias. Allocates nothing.
  func decide(host: Span<UInt8>, address: IPAddress?, alias: Span<UInt8>) -> LookupDecision {
    let keys = LookupKeys(host: host, address: address, alias: alias)
    var (known, literal, hostname, named) = (Matches(), Matches(), Matches(), Matches())
    if let value = keys.address { known = matches(address: value) }
    if let value = keys.literal { literal = matches(address: value) }
    if !keys.host.isEmpty { hostname = matches(name: host, keys.host) }
    if !keys.alias.isEmpty { named = matches(name: alias, keys.alias) }

    if !known.nodes.isEmpty { return LookupDecision(keys, .node, .address, known.nodes) }
    if !literal.nodes.isEmpty { return LookupDecision(keys, .node, .literal, literal.nodes) }
    if !hostname.nodes.isEmpty { return LookupDecision(keys, .node, .hostname, hostname.nodes) }
    if !named.nodes.isEmpty { return LookupDecision(keys, .node, .alias, named.nodes) }
    if !known.guests.isEmpty { return LookupDecision(keys, .guest, .address, known.guests) }
    if !literal.guests.isEmpty { return LookupDecision(keys, .guest, .literal, literal.guests) }
    if !hostname.guests.isEmpty { return LookupDecision(keys, .guest, .hostname, hostname.guests) }
    return LookupDecision(keys, .guest, .alias, named.guests)
  }
}
