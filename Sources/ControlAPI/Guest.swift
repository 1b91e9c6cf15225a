package import FoundationEssentials

/// A container (LXC) or virtual machine (QEMU).
package struct Guest: Codable, Hashable, Sendable {
  package var cluster: String
  package var vmid: Int
  /// `lxc` or `qemu`.
  package var type: String
  @ExplicitNull package var name: String?
  /// The node it lives on now.
  package var node: String
  /// `running`, `stopped`, or another word of PVE's.
  package var status: String
  package var template: Bool
  package var tags: [String]
  /// In the order of preference.
  package var addresses: [String]
  package var asOf: Date
  package var stale: Bool
  @ExplicitNull package var error: String?

  package init(
    cluster: String, vmid: Int, type: String, name: String?, node: String, status: String, template: Bool = false,
    tags: [String] = [], addresses: [String], asOf: Date, stale: Bool, error: String?
  ) {
    self.cluster = cluster
    self.vmid = vmid
    self.type = type
    self.name = name
    self.node = node
    self.status = status
    self.template = template
    self.tags = tags
    self.addresses = addresses
    self.asOf = asOf
    self.stale = stale
    self.error = error
  }

  private enum CodingKeys: String, CodingKey {
    case cluster, vmid, type, name, node, status, template, tags, addresses, stale, error
    case asOf = "as_of"
  }
}

/// `GET /v1/guests`; the generation is the inventory's.
package struct GuestList: Codable, Hashable, Sendable {
  package var generation: UInt64
  package var guests: [Guest]

  package init(generation: UInt64, guests: [Guest]) { (self.generation, self.guests) = (generation, guests) }
}
