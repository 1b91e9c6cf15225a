package import ProxmoxInventory
package import RouteModel

/// The node-then-guest reverse lookup: which node or guest is behind a route's host and alias.
///
/// Pure: the same inventory, query and previous link give the same decision. Names are never resolved through DNS.
package struct ReverseLookup: Sendable {
  let inventory: InventorySnapshot

  package init(inventory: InventorySnapshot) { self.inventory = inventory }

  /// - Parameters:
  ///   - reference: an explicit link; it wins and never falls back to the keys.
  ///   - previous: the link before; it stays where nothing else decides and it is still among the matches.
  ///   - suggestsNames: whether the reason for no match names similar ones.
  package func link(
    reference: ProxmoxReference? = nil, query: LinkQuery, previous: LinkedResource? = nil, suggestsNames: Bool = false
  ) -> LinkDecision {
    if let reference { return link(to: reference) }
    let decision = decide(query)
    let link = self.link(of: decision, query, previous: previous, suggestsNames: suggestsNames)
    return LinkDecision(link: link, steps: steps(of: decision, query, link, previous: previous))
  }

  /// The link of a lookup by hand.
  package func link(host: String?, address: IPAddress?, alias: String?) -> LinkDecision {
    link(query: LinkQuery(host: host, address: address, alias: alias), suggestsNames: true)
  }

  /// The strongest key that matches anything: nodes before guests; address, then hostname, then alias. Allocates
  /// nothing.
  package func decide(_ query: LinkQuery) -> LookupDecision {
    guard !inventory.clusters.isEmpty else { return LookupDecision() }
    var (address, literal, hostname, alias) = (Matches(), Matches(), Matches(), Matches())
    if let value = query.address(.address) { address = inventory.matches(address: value) }
    if let value = query.address(.literal) { literal = inventory.matches(address: value) }
    if let text = query.host, let key = query.hostKey { hostname = inventory.matches(name: text.utf8.span, key) }
    if let text = query.aliasText, let key = query.aliasKey { alias = inventory.matches(name: text.utf8.span, key) }

    if !address.nodes.isEmpty { return LookupDecision(.node, .address, address.nodes) }
    if !literal.nodes.isEmpty { return LookupDecision(.node, .literal, literal.nodes) }
    if !hostname.nodes.isEmpty { return LookupDecision(.node, .hostname, hostname.nodes) }
    if !alias.nodes.isEmpty { return LookupDecision(.node, .alias, alias.nodes) }
    if !address.guests.isEmpty { return LookupDecision(.guest, .address, address.guests) }
    if !literal.guests.isEmpty { return LookupDecision(.guest, .literal, literal.guests) }
    if !hostname.guests.isEmpty { return LookupDecision(.guest, .hostname, hostname.guests) }
    if !alias.guests.isEmpty { return LookupDecision(.guest, .alias, alias.guests) }
    return LookupDecision()
  }
}
