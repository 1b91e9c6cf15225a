package import ArgumentParser
import ControlAPI
import LinuxSystem
import RouteModel

/// `pvescout`, with one file for each verb in `Verbs`.
package struct Pvescout: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "pvescout",
    abstract: "Keeps routes linked to the Proxmox VE nodes and guests behind them.",
    discussion: """
      Exit codes: 0 ok, 1 failed, 3 agent not reachable, 4 not found, 5 ambiguous, 64 usage.
      """,
    version: PvescoutVersion.text,
    groupedSubcommands: [
      CommandGroup(
        name: "The agent", subcommands: [SetupCommand.self, Run.self, Demo.self, Check.self, DoctorCommand.self]),
      CommandGroup(
        name: "Asking a running agent",
        subcommands: [
          Routes.self, HealthCommand.self, Explain.self, Lookup.self, Providers.self, Nodes.self, Guests.self,
          Clusters.self, Events.self, Status.self, Reload.self, Start.self, Stop.self, Notify.self,
          Query.self,
        ]),
      CommandGroup(name: "More", subcommands: [Version.self]),
    ])
  package init() {}

  @Flag(name: .customShort("V"), help: .hidden)
  var showsVersion = false

  package func validate() throws {
    if showsVersion { throw CleanExit.message(PvescoutVersion.text) }
  }

  package func run() async throws { throw CleanExit.helpRequest() }

  /// Refuses a first argument that is no command, with those it may have meant.
  private static func refuseUnknownVerb() {
    guard let verb = CommandLine.arguments.dropFirst().first, !verb.hasPrefix("-") else { return }
    let verbs = configuration.subcommands.map { $0._commandName } + ["help"]
    if verbs.contains(verb) { return }
    let near = NearNames.of(verb, among: verbs).map { "'\($0)'" }
    let hint = near.isEmpty ? "'pvescout --help' lists them" : "did you mean \(near.joined(separator: " or "))?"
    exit(withError: ValidationError("there is no command '\(verb.excerpt)': \(hint)"))
  }

  /// The limit for any argument: no path is longer (PATH_MAX).
  private static let maxArgumentBytes = 4096

  /// Runs the verb that the arguments name. A long argument is refused here, because error messages would repeat it.
  package static func main() async {
    let long = CommandLine.arguments.first { $0.utf8.count > maxArgumentBytes }
    if let long {
      let found = "found \(long.utf8.count) in '\(long.excerpt)'"
      exit(withError: ValidationError("an argument has at most \(maxArgumentBytes) bytes, \(found)"))
    }
    refuseUnknownVerb()
    await main(nil)
  }
}

extension ExitCode {
  static let agentNotReachable = ExitCode(3)
  static let notFound = ExitCode(4)
  static let ambiguous = ExitCode(5)
}
