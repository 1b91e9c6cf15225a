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
