import AgentConfiguration
import AgentRuntime
import ArgumentParser
import FoundationEssentials
import Logging
import ServerSockets
import ServiceLifecycle
import UnixSignals

/// `pvescout run`: runs the agent in the foreground.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs the agent until SIGTERM or SIGINT; SIGHUP reloads its files.",
    discussion: """
      Examples:
        pvescout run
        pvescout run --config ./pvescout.yml
      """)

  @OptionGroup var file: ConfigurationOptions

  func run() async throws {
    MemoryKeeper.limitHeap()
    let inherited = InheritedSockets.adopt()
    let configuration = try file.load()
    let logger = AgentLogger.make(configuration.log)
    do {
      let agent = try Agent(
        configuration: configuration, environment: file.environment, inherited: inherited, logger: logger)
      // Named explicitly, because the default name is a dump of the service, including the environment and its secrets.
      let group = ServiceGroup(
        configuration: .init(
          services: [.init(service: agent, serviceName: "agent")], gracefulShutdownSignals: [.sigterm, .sigint],
          logger: logger))
      try await group.run()
    } catch {
      Terminal.say("pvescout: \(error)")
      throw ExitCode.failure
    }
  }
}
