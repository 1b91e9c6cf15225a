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

enum NodeTable {
  static func render(_ nodes: [NodeJSON], style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "NODE"), .init(title: "CLUSTER"), .init(title: "STATUS"), .init(title: "ADDRESSES", cutRank: 1),
      .init(title: "READ", cutRank: 2),
    ])
    for node in nodes {
      let addresses = node.addresses.isEmpty ? node.notes : node.addresses
      table.rows.append([
        .init(node.name), .init(node.cluster), .init(node.status, color: .ofStatus(node.status)),
        .init(addresses.isEmpty ? "-" : addresses.joined(separator: ", ")),
        FreshnessText.cell(asOf: node.asOf, stale: node.stale, error: node.error),
      ])
    }
    return table.rendered(style)
  }
}
