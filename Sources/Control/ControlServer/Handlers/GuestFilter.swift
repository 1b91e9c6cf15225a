import ProxmoxInventory
import RouteModel

/// The filters of `/v1/guests`: values of one parameter are alternatives, several parameters must all hold.
struct GuestFilter: Sendable {
  static let parameters = [
    QueryParameter("cluster", isRepeatable: true), QueryParameter("node", isRepeatable: true),
    QueryParameter("status", isRepeatable: true), QueryParameter("type", of: GuestType.self, isRepeatable: true),
    QueryParameter("text", isRepeatable: true),
  ]

  private let clusters: [String]
  private let nodes: [String]
  private let statuses: [String]
  private let types: [GuestType]
  /// In lower case.
  private let texts: [String]

  init(_ query: RequestQuery) throws(APIFailure) {
    clusters = query.all("cluster")
    nodes = query.all("node")
    statuses = query.all("status")
    types = try query.all("type", as: GuestType.self)
    texts = query.all("text").map { $0.lowercased() }
  }

  func includes(_ guest: Guest) -> Bool {
    Self.holds(clusters, guest.id.cluster) && Self.holds(nodes, guest.node) && Self.holds(statuses, guest.status.text)
      && Self.holds(types, guest.type) && (texts.isEmpty || texts.contains { Self.occurs($0, in: guest) })
  }

  /// In the guest's VMID, name, tags or addresses.
  private static func occurs(_ text: String, in guest: Guest) -> Bool {
    let facts = [String(guest.id.vmid), guest.name ?? ""] + guest.tags + guest.addresses.map(\.address.description)
    return facts.contains { $0.lowercased().contains(text) }
  }

  private static func holds<Value: Equatable>(_ wanted: [Value], _ found: Value) -> Bool {
    wanted.isEmpty || wanted.contains(found)
  }
}
