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
    reference: ProxmoxReference? = nil, host: String?, address: IPAddress? = nil, alias: String?,
    previous: LinkedResource? = nil, suggestsNames: Bool = false
  ) -> ProxmoxLink {
    if let reference { return link(to: reference) }
    let decision = decide(host: host, address: address, alias: alias)
    return link(of: decision, host: host, alias: alias, previous: previous, suggestsNames: suggestsNames)
  }

  /// The same with the way to it.
  package func explain(
    reference: ProxmoxReference? = nil, host: String? = nil, address: IPAddress? = nil, alias: String? = nil,
    previous: LinkedResource? = nil, suggestsNames: Bool = false
  ) -> LinkDecision {
    if let reference {
      let link = link(to: reference)
      return LinkDecision(link: link, steps: [step(to: reference, link)])
    }
    let decision = decide(host: host, address: address, alias: alias)
    let link = link(of: decision, host: host, alias: alias, previous: previous, suggestsNames: suggestsNames)
    let query = LinkQuery(host: host, alias: alias, keys: decision.keys)
    return LinkDecision(link: link, steps: steps(of: decision, query, link, previous: previous))
  }

  /// The strongest key that matches anything: nodes before guests; address, then hostname, then alias. Allocates
  /// nothing.
  package func decide(host: String?, address: IPAddress? = nil, alias: String?) -> LookupDecision {
    let (host, alias) = (host ?? "", alias ?? "")
    return inventory.decide(host: host.utf8.span, address: address, alias: alias.utf8.span)
  }
}
