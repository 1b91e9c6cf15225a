import ArgumentParser
import ControlAPI
import ControlClient
import RouteModel

/// `pvescout routes [ALIAS]`
struct Routes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the routes with their links and health, or shows one.",
    discussion: """
      Examples:
        pvescout routes
        pvescout routes jellyfin
        pvescout routes --status unhealthy --node pve1
      """)

  @OptionGroup var options: WatchOptions

  @Argument(help: "An alias or key.", completion: .aliases)
  var alias: String?

  @Option(help: "Only routes of this provider, for example file:routes.", completion: .providers) var provider:
    [String] = []
  @Option(help: "Only this pool: http, stream or excluded.", completion: .list(["http", "stream", "excluded"]))
  var pool: [String] = []
  @Option(help: "Only this health status.", completion: .list(HealthStatus.allCases.map(\.rawValue))) var status:
    [String] = []
  @Option(help: "Only routes linked to this node or to a guest on it.", completion: .nodes) var node: [String] = []
  @Option(help: "Only routes linked to this guest (0: to a node).", completion: .vmids) var vmid: [String] = []
  @Option(help: "Only routes linked to this cluster.", completion: .clusters) var cluster: [String] = []

  func run() async throws {
    if let alias {
      try await options.show(hasHeading: false) { client throws(ControlClientError) in
        let route = try await client.route(alias)
        return DecodedAnswer(value: (route.value, ServedAddresses(try await client.info().value)), body: route.body)
      } as: {
        RouteView.render($0.0, served: $0.1, style: $1)
      }
    } else {
      let filter = filter
      try await options.show { client throws(ControlClientError) in
        let routes = try await client.routes(filter: filter)
        return DecodedAnswer(
          value: (routes.value.routes, ServedAddresses(try await client.info().value)), body: routes.body)
      } as: {
        RouteTable.render($0.0, served: $0.1, style: $1)
      }
    }
  }

  private var filter: [(name: String, value: String)] {
    [
      ("provider", provider), ("pool", pool), ("status", status), ("node", node), ("vmid", vmid),
      ("cluster", cluster),
    ].flatMap { name, values in values.map { (name: name, value: $0) } }
  }
}
