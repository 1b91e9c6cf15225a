package import FoundationEssentials
package import JSONDocument

/// A cluster or standalone host of the agent's file.
package struct ClusterJSON: Decodable, Hashable, Sendable {
  package var name: String
  /// PVE's own name of it; null for a standalone host.
  package var pveName: String?
  package var version: String?
  /// The endpoint that answered last.
  package var endpoint: String?
  package var nodes: Int
  package var guests: Int
  /// When it was last read; null while it never was.
  package var asOf: Date?
  package var stale: Bool
  package var error: String?

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
package struct ClusterList: Decodable, Hashable, Sendable {
  package var generation: UInt64
  package var clusters: [ClusterJSON]

  package init(generation: UInt64, clusters: [ClusterJSON]) {
    (self.generation, self.clusters) = (generation, clusters)
  }
}

extension ClusterJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.asOf, asOf)
    json.field(CodingKeys.endpoint, endpoint)
    json.field(CodingKeys.error, error)
    json.field(CodingKeys.guests, guests)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.nodes, nodes)
    json.field(CodingKeys.pveName, pveName)
    json.field(CodingKeys.stale, stale)
    json.field(CodingKeys.version, version)
    json.endObject()
  }
}

extension ClusterList: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.clusters, clusters)
    json.field(CodingKeys.generation, generation)
    json.endObject()
  }
}
