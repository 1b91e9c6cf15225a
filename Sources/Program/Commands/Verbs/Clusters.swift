import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout clusters`
struct Clusters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the clusters of the agent's file.",
    discussion: """
      Examples:
        pvescout clusters -o json
      """)

  @OptionGroup var options: WatchOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      try await client.clusters()
    } as: {
      ClusterTable.render($0.clusters, style: $1)
    }
  }
}

enum ClusterTable {
  static func render(_ clusters: [ClusterJSON], style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "CLUSTER"), .init(title: "PVE NAME", cutRank: 1), .init(title: "VERSION", cutRank: 1),
      .init(title: "NODES", isNumeric: true), .init(title: "GUESTS", isNumeric: true),
      .init(title: "ENDPOINT", cutRank: 2), .init(title: "READ", cutRank: 3),
    ])
    for cluster in clusters {
      table.rows.append([
        .init(cluster.name), .init(cluster.pveName ?? "-"), .init(cluster.version ?? "-"),
        .init(String(cluster.nodes)), .init(String(cluster.guests)), .init(cluster.endpoint ?? "-"),
        FreshnessText.cell(asOf: cluster.asOf, stale: cluster.stale, error: cluster.error),
      ])
    }
    return table.rendered(style)
  }
}
