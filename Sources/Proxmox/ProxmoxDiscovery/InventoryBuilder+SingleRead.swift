import FoundationEssentials
package import ProxmoxAPI
package import RouteModel

// A cluster that is read once and as a whole, as commands do it, and taken up as the agent does it.
extension InventoryBuilder {
  /// - Parameter allowsLoopback: `discovery.loopback_guests`.
  package init(name: ClusterName, preferences: AddressPreferences, allowsLoopback: Bool) {
    self.init(name: name)
    self.preferences = preferences
    claims = AddressClaims(allowsLoopback: allowsLoopback)
  }

  package mutating func accept(_ listing: Listing, from endpoint: String) {
    accept(listing.resources, live: listing.live, rights: listing.rights, from: endpoint, at: .now)
  }

  /// - Parameter status: nil if it could not be read.
  package mutating func record(version: APIVersion, nodes: [NodeSummary], status: ClusterStatus?) {
    facts.record(version: version)
    facts.record(summaries: nodes)
    if let status { facts.record(status: status) }
  }

  package mutating func record(network: Result<[NodeInterface], ProxmoxError>, of node: String) {
    switch network {
    case .success(let interfaces): facts.record(network: interfaces, of: node)
    case .failure(let error): facts.record(networkError: error, of: node)
    }
  }

  /// - Parameter isComplete: whether every guest was asked for its addresses.
  package mutating func record(_ readings: [(guest: GuestRead, reading: AddressReading)], isComplete: Bool) {
    for (guest, reading) in readings { record(reading, of: guest) }
    awaitsAddresses = !isComplete
  }
}
