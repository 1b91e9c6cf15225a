import ControlServer
import Logging
import RouteModel
import RouteRegistry
import ServiceLifecycle

/// Logs when the agent becomes ready, as shown by `status`, and before that what is missing.
struct ReadyNotice: Service {
  let view: AgentView
  /// Ends when all listeners are open.
  let listening: AsyncStream<Void>
  let metadata: Logger.Metadata
  let logger: Logger

  func run() async throws {
    for await _ in listening.cancelOnGracefulShutdown() {}
    var told: [String] = []
    // Each change that can make it ready is a new generation.
    for await _ in view.registry.generations().cancelOnGracefulShutdown() {
      let missing = view.readiness.missing
      if missing.isEmpty {
        logger.info("agent is ready", metadata: metadata)
        return try await gracefulShutdown()
      }
      if missing != told {
        logger.notice(
          "agent is not ready yet", metadata: metadata.merging(["missing": .array(missing.map { "\($0)" })]) { $1 })
      }
      told = missing
    }
  }
}

extension Readiness {
  /// What keeps the agent from being ready, in a few words each.
  fileprivate var missing: [String] {
    providers.filter { !$0.isLoaded }.map { "\($0.name) is not loaded" }
      + pendingClusters.map { "cluster \($0.name) is not read" }
  }
}
