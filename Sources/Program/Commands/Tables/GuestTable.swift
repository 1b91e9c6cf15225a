import ControlAPI

enum GuestTable {
  /// - Parameter routes: all routes; those linked to a guest are shown with it.
  static func render(_ guests: [GuestJSON], routes: [RouteJSON] = [], style: TableStyle) -> String {
    let links = Dictionary(grouping: routes) { route in
      route.link.resource.map { "\($0.cluster)/\($0.vmid)" } ?? ""
    }
    let namesCluster = Set(guests.map(\.cluster)).count > 1
    var table = TextTable([
      .init(title: "VMID", isNumeric: true), .init(title: "NAME", cutRank: 1), .init(title: "TYPE"),
      .init(title: "NODE"), .init(title: "STATUS"), .init(title: "ROUTES", cutRank: 2),
      .init(title: "ADDRESSES", cutRank: 3),
      .init(title: "TAGS", cutRank: 4), .init(title: "READ", cutRank: 5),
    ])
    for guest in guests {
      table.rows.append([
        .init(String(guest.vmid)), .init(guest.name ?? "-"),
        .init(guest.template ? "\(guest.type) template" : guest.type),
        .init(namesCluster ? "\(guest.cluster)/\(guest.node)" : guest.node),
        .init(guest.status, color: .ofStatus(guest.status)),
        .init(links["\(guest.cluster)/\(guest.vmid)"].map { $0.map(\.key).joined(separator: ", ") } ?? "-"),
        .init(guest.addresses.isEmpty ? "-" : guest.addresses.joined(separator: ", ")),
        .init(guest.tags.isEmpty ? "-" : guest.tags.joined(separator: " ")),
        FreshnessText.cell(asOf: guest.asOf, stale: guest.stale, error: guest.error),
      ])
    }
    return table.rendered(style)
  }
}
