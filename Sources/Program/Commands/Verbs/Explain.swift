import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout explain ALIAS`
struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the steps by which a route was, or was not, linked; its target; its health.",
    discussion: """
      Examples:
        pvescout explain jellyfin
      """)

  @OptionGroup var options: QueryOptions

  @Argument(help: "An alias or key.", completion: .aliases)
  var alias: String

  func run() async throws {
    let alias = alias
    try await options.show { client throws(ControlClientError) in
      try await client.explain(alias)
    } as: {
      ExplainView.render($0, style: $1)
    }
  }
}
