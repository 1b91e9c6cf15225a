package import ProxmoxInventory
package import RouteModel

/// The reverse lookup: finds the node or guest behind a route's host and alias, nodes before guests.
///
/// Pure: the same inventory, query and previous link give the same decision. Names are never resolved by DNS.
package struct ReverseLookup: Sendable {
  let inventory: InventorySnapshot

  package init(inventory: InventorySnapshot) { self.inventory = inventory }

  /// - Parameters:
  ///   - reference: an explicit link; it takes precedence and never falls back to the keys.
  ///   - previous: the previous link; it remains if nothing else decides and it is still among the matches.
  ///   - suggestsNames: whether the reason for no match contains similar names.
  package func link(
    reference: ProxmoxReference? = nil, host: String?, address: IPAddress? = nil, alias: String?,
    previous: LinkedResource? = nil, suggestsNames: Bool = false
  ) -> ProxmoxLink {
    if let reference { return link(to: reference) }
    let decision = decide(host: host, address: address, alias: alias)
    return link(of: decision, host: host, alias: alias, previous: previous, suggestsNames: suggestsNames)
  }

  /// The same with its steps.
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

  /// The strongest key with a match: nodes before guests; address, then hostname, then alias. Allocates nothing.
  package func decide(host: String?, address: IPAddress? = nil, alias: String?) -> LookupDecision {
    // Without `??`, which would count references to the texts.
    guard let host else { return decide(host: "", address, alias: alias) }
    return decide(host: host, address, alias: alias)
  }

  @inline(__always)
  private func decide(host: String, _ address: IPAddress?, alias: String?) -> LookupDecision {
    guard let alias else { return inventory.decide(host: host.utf8.span, address: address, alias: Span()) }
    return inventory.decide(host: host.utf8.span, address: address, alias: alias.utf8.span)
  }
}

/// The result of the lookup, with its steps.
package struct LinkDecision: Sendable {
  package var link: ProxmoxLink
  package var steps: [LinkStep]
  package init(link: ProxmoxLink, steps: [LinkStep]) { (self.link, self.steps) = (link, steps) }
}
