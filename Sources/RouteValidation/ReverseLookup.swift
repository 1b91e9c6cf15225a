package import ProxmoxInventory
package import RouteModel

/// The node-then-guest reverse lookup: which node or guest is behind a route's host and alias.
package struct ReverseLookup: Sendable {
  package init(inventory: InventorySnapshot) {}

  /// - Parameter previous: the link before; it stays where nothing else decides and it is still among the matches.
  package func link(
    reference: ProxmoxReference? = nil, host: String? = nil, address: IPAddress? = nil, alias: String? = nil,
    previous: LinkedResource? = nil
  ) -> LinkDecision { fatalError("unbuilt") }
}
