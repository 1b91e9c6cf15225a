import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout nodes`
struct Nodes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the Proxmox VE nodes.",
    discussion: """
      Examples:
        pvescout nodes --watch
      """)

  @OptionGroup var options: WatchOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      try await client.nodes()
    } as: {
      NodeTable.render($0.nodes, style: $1)
    }
  }
}
