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
