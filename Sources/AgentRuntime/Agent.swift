package import AgentConfiguration
package import Logging
import ServiceLifecycle

/// The composition root: every service of the agent, wired.
package struct Agent: Service {
  package init(configuration: AgentConfiguration, logger: Logger) throws { fatalError("unbuilt") }

  /// Runs until it is shut down gracefully or a listener fails. `onReady` is called once the socket listens and the
  /// files are loaded.
  package func run() async throws { fatalError("unbuilt") }
}
