package import RouteModel

/// One cluster or standalone host as it was last read.
package struct ClusterSnapshot: Hashable, Sendable {
  package var name: ClusterName
  /// PVE's own name of the cluster; nil for a standalone host.
  package var pveName: String?
  /// `9.0.10`; nil until known.
  package var version: String?
  /// Nil until the cluster was read once or came from the cache.
  package var freshness: Freshness?
  /// Why nothing could be read, while nothing could.
  package var error: String?
  /// The endpoint that answered last.
  package var endpoint: String?
  /// Sorted by name.
  package var nodes: [Node]
  /// Sorted by VMID.
  package var guests: [Guest]
  /// Since the start not every guest was asked for its addresses yet: one that nobody has may still turn up.
  package var awaitsAddresses = false
  /// Why guests that were here lately are not any more.
  package var departures = Departures<VMID>()
  /// The same of nodes, by name.
  package var nodeDepartures = Departures<String>()

  package init(name: ClusterName) {
    self.name = name
    self.nodes = []
    self.guests = []
  }

  package var wasRead: Bool { freshness != nil }
}
