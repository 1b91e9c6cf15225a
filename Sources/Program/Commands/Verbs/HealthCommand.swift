import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout health [ALIAS]`
struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health", abstract: "Lists the health of all routes, trouble on top, or shows everything about one.",
    discussion: """
      With --watch, a view to leave open: CHECKS are the latencies of the last checks, 24 HOURS how much of each hour the
      route was up. Where standard output is no terminal, a line for each change.

      Examples:
        pvescout health --watch
        pvescout health jellyfin
      """)

  @OptionGroup var options: WatchOptions

  @Argument(help: "An alias or key.", completion: .aliases)
  var alias: String?

  func run() async throws {
    if let alias {
      try await options.show(hasHeading: false) { client throws(ControlClientError) in
        try await client.health(alias)
      } as: {
        HealthView.render($0, style: $1)
      }
    } else if options.watch, options.query.output == .table {
      try await watch()
    } else {
      try await options.show { client throws(ControlClientError) in
        try await client.health()
      } as: {
        HealthTable.render($0, style: $1)
      }
    }
  }

  private func watch() async throws {
    Terminal.ignoreBrokenPipes()
    let client = options.query.agent.client()
    do {
      if Terminal.hasScreen {
        let watch = AgentWatch(client: client, types: ["health.changed"])
        try await LiveScreen(HealthBoard(), watch: watch, usesColor: options.query.style.usesColor) {
          () async throws(ControlClientError) in try await client.healthHistory().value
        }.run()
      } else {
        try await HealthFollower(client: client).run()
      }
    } catch let error as ControlClientError {
      throw error.reported()
    }
  }
}
