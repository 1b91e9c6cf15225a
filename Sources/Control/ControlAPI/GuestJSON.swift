package import FoundationEssentials
package import JSONDocument

/// A container (LXC) or virtual machine (QEMU).
package struct GuestJSON: Decodable, Hashable, Sendable {
  package var cluster: String
  package var vmid: Int
  /// `lxc` or `qemu`.
  package var type: String
  package var name: String?
  /// The node that it is on.
  package var node: String
  /// `running`, `stopped`, or another status of PVE.
  package var status: String
  package var template: Bool
  package var tags: [String]
  /// The present operation of PVE on it: `backup`, `migrate`, …
  package var lock: String?
  /// Null also if the token may not read it (Pool.Audit).
  package var pool: String?
  /// Its state in the HA manager; null if it is not managed.
  package var haState: String?
  /// Since its start; null while it is not running.
  package var uptimeMs: Int64?
  /// In the order of preference.
  package var addresses: [String]
  package var asOf: Date
  package var stale: Bool
  package var error: String?

  package init(
    cluster: String, vmid: Int, type: String, name: String?, node: String, status: String, template: Bool = false,
    tags: [String] = [], lock: String? = nil, pool: String? = nil, haState: String? = nil, uptimeMs: Int64? = nil,
    addresses: [String], asOf: Date, stale: Bool, error: String?
  ) {
    self.cluster = cluster
    self.vmid = vmid
    self.type = type
    self.name = name
    self.node = node
    self.status = status
    self.template = template
    self.tags = tags
    self.lock = lock
    self.pool = pool
    self.haState = haState
    self.uptimeMs = uptimeMs
    self.addresses = addresses
    self.asOf = asOf
    self.stale = stale
    self.error = error
  }

  private enum CodingKeys: String, CodingKey {
    case cluster, vmid, type, name, node, status, template, tags, lock, pool, addresses, stale, error
    case haState = "ha_state"
    case uptimeMs = "uptime_ms"
    case asOf = "as_of"
  }
}

/// `GET /v1/guests`; the generation is the inventory's.
package struct GuestList: Decodable, Hashable, Sendable {
  package var generation: UInt64
  package var guests: [GuestJSON]

  package init(generation: UInt64, guests: [GuestJSON]) { (self.generation, self.guests) = (generation, guests) }

  /// Writes everything before the first guest, an element of the list.
  package static func begin(_ json: inout JSONWriter, generation: UInt64) {
    json.beginObject()
    json.field(CodingKeys.generation, generation)
    json.key(CodingKeys.guests.stringValue)
    json.beginArray()
  }
}

extension GuestJSON: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.addresses, addresses)
    json.field(CodingKeys.asOf, asOf)
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.error, error)
    json.field(CodingKeys.haState, haState)
    json.field(CodingKeys.lock, lock)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.node, node)
    json.field(CodingKeys.pool, pool)
    json.field(CodingKeys.stale, stale)
    json.field(CodingKeys.status, status)
    json.field(CodingKeys.tags, tags)
    json.field(CodingKeys.template, template)
    json.field(CodingKeys.type, type)
    json.field(CodingKeys.uptimeMs, uptimeMs)
    json.field(CodingKeys.vmid, vmid)
    json.endObject()
  }
}
