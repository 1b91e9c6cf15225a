import ArgumentParser
import ControlAPI
import ControlClient

/// `pvescout reload`
struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the agent read its files again: all or nothing.")

  @OptionGroup var options: QueryOptions

  func run() async throws {
    try await options.show { client throws(ControlClientError) in
      try await client.reload()
    } as: { answer, _ in
      for warning in answer.warnings { Terminal.say(warning) }
      return "reloaded: generation \(answer.generation)\n"
    }
  }
}
