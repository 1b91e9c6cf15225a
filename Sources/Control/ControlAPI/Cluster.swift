package import FoundationEssentials

/// A cluster or standalone host of the configuration.
package struct Cluster: Codable, Hashable, Sendable {
  package var name: String
  /// PVE's own name of the cluster; null for a standalone host.
  @ExplicitNull package var pveName: String?
  @ExplicitNull package var version: String?
  /// The endpoint that answered last.
  @ExplicitNull package var endpoint: String?
  package var nodes: Int
  package var guests: Int
  /// When the cluster was last read; null if it never was.
  @ExplicitNull package var asOf: Date?
  package var stale: Bool
  @ExplicitNull package var error: String?

  package init(
    name: String, pveName: String?, version: String?, endpoint: String?, nodes: Int, guests: Int, asOf: Date?,
    stale: Bool, error: String?
  ) {
    self.name = name
    self.pveName = pveName
    self.version = version
    self.endpoint = endpoint
    self.nodes = nodes
    self.guests = guests
    self.asOf = asOf
    self.stale = stale
    self.error = error
  }

  private enum CodingKeys: String, CodingKey {
    case name, version, endpoint, nodes, guests, stale, error
    case pveName = "pve_name"
    case asOf = "as_of"
  }
}

/// `GET /v1/clusters`; the generation is the inventory's.
package struct ClusterList: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var clusters: [Cluster]

  package init(generation: UInt64, clusters: [Cluster]) { (self.generation, self.clusters) = (generation, clusters) }
}
