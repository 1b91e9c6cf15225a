import ArgumentParser
import ControlAPI
import ControlClient
import RouteModel

/// `pvescout guests`
struct Guests: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the guests: containers and virtual machines.",
    discussion: """
      Examples:
        pvescout guests
        pvescout guests --node pve1 --status stopped
        pvescout guests --text media
      """)

  @OptionGroup var options: WatchOptions

  @Option(help: "Only guests of this cluster.", completion: .clusters) var cluster: [String] = []
  @Option(help: "Only guests on this node.", completion: .nodes) var node: [String] = []
  @Option(help: "Only this status, such as running or stopped.", completion: .list(["running", "stopped"]))
  var status: [String] = []
  @Option(help: "Only this type: lxc or qemu.", completion: .list(GuestType.allCases.map(\.rawValue)))
  var type: [String] = []
  @Option(help: "Only guests with this text in their VMID, name, tags or addresses.") var text: [String] = []

  func run() async throws {
    let filter = filter
    try await options.show { client throws(ControlClientError) in
      let guests = try await client.guests(filter: filter)
      let routes = try await client.routes().value.routes
      return DecodedAnswer(value: (guests: guests.value.guests, routes: routes), body: guests.body)
    } as: {
      GuestTable.render($0.guests, routes: $0.routes, style: $1)
    }
  }

  private var filter: [(name: String, value: String)] {
    [("cluster", cluster), ("node", node), ("status", status), ("type", type), ("text", text)]
      .flatMap { name, values in values.map { (name: name, value: $0) } }
  }
}

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
