import AgentConfiguration
import AgentRuntime
import ArgumentParser
import FoundationEssentials
import Logging
import ServiceLifecycle
import UnixSignals

/// `pvescout run`: the agent in the foreground.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the agent until SIGTERM or SIGINT; SIGHUP reloads its files.")

  @OptionGroup var file: ConfigurationOptions

  func run() async throws {
    let configuration = try file.load()
    let logger = AgentLogger.make(configuration.log)
    for warning in configuration.warnings { logger.warning("\(warning)") }
    do {
      let agent = Agent(configuration: configuration, environment: file.environment, logger: logger)
      let group = ServiceGroup(
        configuration: .init(services: [agent], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
      try await group.run()
    } catch {
      Terminal.say("pvescout: \(error)")
      throw ExitCode.failure
    }
  }
}
