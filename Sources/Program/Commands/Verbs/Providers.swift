import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout providers`
struct Providers: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the route providers with what they contribute.",
    discussion: """
      Examples:
        pvescout providers
      """)

  @OptionGroup var options: WatchOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      try await client.providers()
    } as: {
      ProviderTable.render($0, style: $1)
    }
  }
}

/// One line for each provider, with its number of routes in each pool.
enum ProviderTable {
  static func render(_ list: ProviderList, style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "PROVIDER", cutRank: 1), .init(title: "HTTP", isNumeric: true),
      .init(title: "STREAM", isNumeric: true), .init(title: "EXCLUDED", isNumeric: true),
      .init(title: "HEALTHY", isNumeric: true), .init(title: "ROUTES", cutRank: 2),
    ])
    for (name, routes) in list.providers.sorted(by: { $0.key < $1.key }) {
      let inPool = { (pool: String) in TextTable.Cell(String(routes.count { $0.pool == pool })) }
      table.rows.append([
        .init(name), inPool("http"), inPool("stream"), inPool("excluded"),
        .init(String(routes.count { $0.health.status == "healthy" })),
        .init(routes.map(\.key).joined(separator: ", ")),
      ])
    }
    return table.rendered(style)
  }
}
