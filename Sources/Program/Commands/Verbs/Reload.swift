import AgentConfiguration
import ArgumentParser
import ControlAPI
import ControlClient
import FoundationEssentials

/// `pvescout reload`
struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the agent read its files again: all or nothing.",
    discussion: """
      Examples:
        pvescout reload
        pvescout reload --config ./pvescout.yml
      """)

  @OptionGroup var options: QueryOptions

  @Option(
    name: .shortAndLong, help: "The agent's file: its socket.path is asked unless --socket names another.",
    completion: .file(extensions: ["yml", "yaml"]))
  var config: String?

  func run() async throws {
    var options = options
    options.agent.socket = options.agent.socket ?? config.flatMap(configuredSocket)
    try await options.show { client throws(ControlClientError) in
      try await client.reload()
    } as: { answer, _ in
      for warning in answer.warnings { Terminal.say(warning) }
      if !answer.restartNeeded.isEmpty {
        Terminal.say("restart needed: \(answer.restartNeeded.joined(separator: ", "))")
      }
      return "reloaded: generation \(answer.generation)\n"
    }
  }

  /// Nil if the file is invalid: the agent that reloads it reports why.
  private func configuredSocket(in file: String) -> String? {
    try? AgentConfiguration.load(path: file, environment: ProcessInfo.processInfo.environment).socketPath
  }
}
