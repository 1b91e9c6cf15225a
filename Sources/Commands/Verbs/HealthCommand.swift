import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout health [ALIAS]`
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Lists the health of all routes, or tells all about one.")

  @OptionGroup var options: WatchOptions

  @Argument(help: "An alias or key.")
  var alias: String?

  func run() async throws {
    if let alias {
      try await options.show { client throws(ControlClientError) in
        try await client.health(alias)
      } as: {
        HealthView.render($0, style: $1)
      }
    } else {
      try await options.show { client throws(ControlClientError) in
        try await client.health()
      } as: {
        HealthTable.render($0, style: $1)
      }
    }
  }
}
