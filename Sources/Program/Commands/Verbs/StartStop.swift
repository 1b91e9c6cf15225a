import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout start ALIAS|[CLUSTER/]VMID`
struct Start: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Starts the guest behind a route.",
    discussion: """
      Examples:
        pvescout start jellyfin --wait
        pvescout start home/105
      """)

  @OptionGroup var options: ControlOptions

  func run() async throws { try await options.run("start", until: ["ready"]) }
}

/// `pvescout stop ALIAS|[CLUSTER/]VMID`
struct Stop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shuts down the guest behind a route.",
    discussion: """
      A guest that 'start: on_load' would start again stays stopped until 'pvescout start'.

      Examples:
        pvescout stop jellyfin
      """)

  @OptionGroup var options: ControlOptions

  func run() async throws { try await options.run("stop", until: ["stopped"]) }
}
