package import RouteModel

/// What differs between two snapshots.
package struct InventoryChanges: Sendable {
  package struct NodeChange: Hashable, Sendable {
    package var id: NodeID
    /// Nil where the node is new.
    package var before: Node?
    /// Nil where the node is gone.
    package var after: Node?
    package init(id: NodeID, before: Node?, after: Node?) { (self.id, self.before, self.after) = (id, before, after) }
  }

  package struct GuestChange: Hashable, Sendable {
    package var id: GuestID
    package var before: Guest?
    package var after: Guest?
    package init(id: GuestID, before: Guest?, after: Guest?) {
      (self.id, self.before, self.after) = (id, before, after)
    }
  }

  /// Sorted; a difference of freshness or uptime alone is no change.
  package var nodes: [NodeChange] = []
  package var guests: [GuestChange] = []
  /// Clusters that became known or unknown as a whole.
  package var completenessChanged = false

  package init() {}

  /// Compares two snapshots in O(nodes + guests).
  package init(from old: InventorySnapshot, to new: InventorySnapshot) { fatalError("unbuilt") }

  package var isEmpty: Bool { nodes.isEmpty && guests.isEmpty && !completenessChanged }
}
