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
