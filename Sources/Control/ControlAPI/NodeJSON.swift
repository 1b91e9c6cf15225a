package import FoundationEssentials
package import JSONDocument

/// A Proxmox VE node.
package struct NodeJSON: Decodable, Hashable, Sendable {
  package var cluster: String
  package var name: String
  /// `online`, `offline` or `unknown`.
  package var status: String
  package var addresses: [String]
  /// Why some addresses are missing.
  package var notes: [String]
  package var asOf: Date
  package var stale: Bool
  package var error: String?

  package init(
    cluster: String, name: String, status: String, addresses: [String], notes: [String] = [], asOf: Date, stale: Bool,
    error: String?
  ) {
    self.cluster = cluster
    self.name = name
    self.status = status
    self.addresses = addresses
    self.notes = notes
    self.asOf = asOf
    self.stale = stale
    self.error = error
  }

  private enum CodingKeys: String, CodingKey {
    case cluster, name, status, addresses, notes, stale, error
    case asOf = "as_of"
  }
}

/// `GET /v1/nodes`; the generation is the inventory's.
package struct NodeList: Decodable, Hashable, Sendable {
  package var generation: UInt64
  package var nodes: [NodeJSON]

  package init(generation: UInt64, nodes: [NodeJSON]) { (self.generation, self.nodes) = (generation, nodes) }

  /// Writes everything before the first node, an element of the list.
  package static func begin(_ json: inout JSONWriter, generation: UInt64) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.key(CodingKeys.nodes.stringValue)
    json.beginArray()
  }
}

extension NodeJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.addresses, addresses)
    json.field(CodingKeys.asOf, asOf)
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.error, error)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.notes, notes)
    json.field(CodingKeys.stale, stale)
    json.field(CodingKeys.status, status)
    json.endObject()
  }
}
