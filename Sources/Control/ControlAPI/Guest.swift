package import FoundationEssentials

/// A container (LXC) or virtual machine (QEMU).
package struct Guest: Codable, Hashable, Sendable {
  package var cluster: String
  package var vmid: Int
  /// `lxc` or `qemu`.
  package var type: String
  @ExplicitNull package var name: String?
  /// The node that the guest is currently on.
  package var node: String
  /// `running`, `stopped`, or another status of PVE.
  package var status: String
  package var template: Bool
  package var tags: [String]
  /// `backup`, `migrate`, …: the operation that locks the guest.
  @ExplicitNull package var lock: String?
  /// Also null if the token may not see the pool (Pool.Audit).
  @ExplicitNull package var pool: String?
  /// The state in the HA manager; null if it does not manage the guest.
  @ExplicitNull package var haState: String?
  /// The time since the guest was started; null while it is stopped.
  @ExplicitNull package var uptimeMs: Int64?
  /// In order of preference.
  package var addresses: [String]
  package var asOf: Date
  package var stale: Bool
  @ExplicitNull package var error: String?

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
package struct GuestList: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var guests: [Guest]

  package init(generation: UInt64, guests: [Guest]) { (self.generation, self.guests) = (generation, guests) }
}
