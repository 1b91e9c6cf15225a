import ControlServer
import Logging
import ProxmoxInventory
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
      let readiness = view.readiness
      if readiness.isReady {
        let links = LinkCounts(view.registry.snapshot)
        logger.info("agent is ready", metadata: metadata.merging(summary(links)) { $1 })
        return try await gracefulShutdown()
      }
      let missing = readiness.missing
      if missing != told {
        logger.notice(
          "agent is not ready yet", metadata: metadata.merging(["missing": .array(missing.map { "\($0)" })]) { $1 })
      }
      told = missing
    }
  }
}

extension ReadyNotice {
  /// The parts that are ready, and those that are missing.
  private func summary(_ links: LinkCounts) -> Logger.Metadata {
    let clusters = view.inventory.clusters.map { cluster in
      "\(cluster.name): \(cluster.nodes.count) nodes, \(cluster.guests.count) guests"
        + (cluster.summary.error.map { ", \($0)" } ?? "")
    }
    let failed = view.listeners.compactMap { listener in listener.state.failure.map { "\(listener.name): \($0)" } }
    var summary: Logger.Metadata = [
      "routes": "\(links.linked) linked, \(links.ambiguous) ambiguous, \(links.unlinked) unlinked"
    ]
    if !clusters.isEmpty { summary["clusters"] = "\(clusters.joined(separator: "; "))" }
    if !failed.isEmpty { summary["not_listening"] = "\(failed.joined(separator: "; "))" }
    return summary
  }
}

extension Readiness {
  /// What keeps the agent from being ready, in a few words each.
  fileprivate var missing: [String] {
    providers.filter { !$0.isLoaded }.map { "\($0.name) is not loaded" }
      + pendingClusters.map { "cluster \($0.name) is not read" }
  }
}
