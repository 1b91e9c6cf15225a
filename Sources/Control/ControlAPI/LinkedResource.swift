/// The node or guest that a route is, or could be, linked to.
package struct LinkedResource: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable { case node, guest }

  package var kind: Kind
  package var cluster: String
  /// The node itself, or the node that the guest is on.
  package var node: String
  /// 0 for a node.
  package var vmid: Int
  @ExplicitNull package var name: String?
  /// `lxc` or `qemu`; null for a node.
  @ExplicitNull package var guestType: String?
  @ExplicitNull package var guestStatus: String?
  /// `explicit`, `address`, `hostname` or `alias`.
  package var matchedBy: String
  /// The text that matched.
  package var matched: String

  package init(
    kind: Kind, cluster: String, node: String, vmid: Int, name: String?, guestType: String? = nil,
    guestStatus: String? = nil, matchedBy: String, matched: String
  ) {
    self.kind = kind
    self.cluster = cluster
    self.node = node
    self.vmid = vmid
    self.name = name
    self.guestType = guestType
    self.guestStatus = guestStatus
    self.matchedBy = matchedBy
    self.matched = matched
  }

  private enum CodingKeys: String, CodingKey {
    case kind, cluster, node, vmid, name, matched
    case guestType = "guest_type"
    case guestStatus = "guest_status"
    case matchedBy = "matched_by"
  }
}
