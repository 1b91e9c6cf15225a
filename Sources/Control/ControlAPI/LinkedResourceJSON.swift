package import JSONDocument

/// The node or guest that a route is linked to, or could be.
package struct LinkedResourceJSON: Decodable, Hashable, Sendable {
  package enum Kind: String, Decodable, Sendable { case node, guest }

  package var kind: Kind
  package var cluster: String
  /// The node itself, or the node that the guest is on.
  package var node: String
  /// 0 for a node.
  package var vmid: Int
  package var name: String?
  /// `lxc` or `qemu`; null for a node.
  package var guestType: String?
  package var guestStatus: String?
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

extension LinkedResourceJSON: JSONWritable {
  package func write(to json: inout JSONWriter) { write(to: &json, state: nil) }

  /// - Parameter state: the state of the link; nil for a candidate.
  func write(to json: inout JSONWriter, state: String?) {
    json.beginObject()
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.guestStatus, guestStatus)
    json.field(CodingKeys.guestType, guestType)
    json.field(CodingKeys.kind, kind.rawValue)
    json.field(CodingKeys.matched, matched)
    json.field(CodingKeys.matchedBy, matchedBy)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.node, node)
    if let state { json.field(LinkJSON.CodingKeys.state, state) }
    json.field(CodingKeys.vmid, vmid)
    json.endObject()
  }
}
