package import HTTPTransport
package import Logging
package import ProxmoxAPI
package import ProxmoxInventory
package import RouteModel
import ServiceLifecycle
import Synchronization

/// Polls every cluster and publishes the inventory. The only writer of the inventory.
package final class DiscoveryService: Service {
  private struct Plan: Sendable {
    var clusters: [ClusterConfiguration]
    var configuration: DiscoveryConfiguration
  }

  private let environment: ClusterDiscovery.Environment
  private let plans: AsyncStream<Plan>
  private let planned: AsyncStream<Plan>.Continuation
  /// Inventories restored from the cache, until the clusters' loops take them over.
  private let restored = Mutex<[ClusterName: InventoryBuilder]>([:])
  private let running = Mutex<[RunningCluster]>([])

  /// - Parameter stateDirectory: the folder of the inventory cache, which is read here so that the first snapshot
  ///   contains it. With nil, nothing is kept.
  package init(
    clusters: [ClusterConfiguration], configuration: DiscoveryConfiguration, client: HTTPClient, hints: DiscoveryHints,
    stateDirectory: String? = nil, logger: Logger
  ) {
    environment = ClusterDiscovery.Environment(
      http: client, hints: hints, publisher: SnapshotPublisher(), identities: ClusterIdentities(),
      cache: stateDirectory.map { InventoryCache(folder: $0, logger: logger) }, logger: logger)
    (plans, planned) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    reconfigure(clusters: clusters, configuration: configuration)
    for cluster in clusters {
      guard var builder = environment.cache?.restore(cluster) else { continue }
      builder.claims = configuration.claims
      environment.publisher.publish(builder.snapshot())
      restored.withLock { $0[cluster.name] = builder }
    }
  }

  /// The newest inventory.
  package var snapshot: InventorySnapshot { environment.publisher.current }

  /// Every published snapshot, starting with the current one; a slow reader gets only the newest.
  package func snapshots() -> AsyncStream<InventorySnapshot> { environment.publisher.snapshots() }

  /// Applies a new configuration. Unchanged clusters are not interrupted. The inventory of a changed cluster stays,
  /// stale until the next read, if the entry of that name shares an endpoint with the previous one.
  package func reconfigure(clusters: [ClusterConfiguration], configuration: DiscoveryConfiguration) {
    environment.identities.configure(clusters.map(\.name))
    environment.publisher.configure(clusters.map(\.name))
    planned.yield(Plan(clusters: clusters, configuration: configuration))
  }

  /// Whether the loops of all clusters make progress, whatever PVE answers; returns once each has finished its current
  /// work.
  package func isResponding() async -> Bool {
    for cluster in running.withLock({ $0 }) where await !cluster.isResponding { return false }
    return true
  }

  /// The client of the endpoint of a cluster that answered last; nil while none has.
  package func client(of cluster: ClusterName) async -> ProxmoxClient? { await loop(of: cluster)?.workingClient() }

  /// Reads a guest's place and addresses now, instead of with the next poll.
  ///
  /// - Parameter isRunning: the guest itself says so, which PVE's lists do some seconds later.
  package func refresh(_ guest: GuestID, isRunning: Bool) async {
    if isRunning { environment.hints.isWaking(guest) } else { environment.hints.suspects(guest) }
    await loop(of: guest.cluster)?.refresh(guest.vmid, isRunning: isRunning)
  }

  private func loop(of cluster: ClusterName) -> RunningCluster? {
    running.withLock { $0.first { $0.configuration.name == cluster } }
  }

  /// Runs until it is cancelled or shut down gracefully.
  package func run() async throws {
    await withDiscardingTaskGroup { group in
      var running: [RunningCluster] = []
      for await plan in plans.cancelOnGracefulShutdown() {
        running = await apply(plan, to: running) { cluster in group.addTask { await cluster.run() } }
        self.running.withLock { $0 = running }
      }
      group.cancelAll()
    }
  }

  /// Stops clusters that are not in the plan, keeps unchanged ones, and starts the rest; those that are the same
  /// cluster as before keep their inventory.
  private func apply(
    _ plan: Plan, to running: [RunningCluster], start: (RunningCluster) -> Void
  ) async -> [RunningCluster] {
    var kept: [RunningCluster] = []
    for cluster in running {
      let isKept = plan.clusters.contains(cluster.configuration) && cluster.settings == plan.configuration
      if isKept { kept.append(cluster) } else { await cluster.stop() }
    }
    for configuration in plan.clusters where !kept.contains(where: { $0.configuration == configuration }) {
      let cluster = RunningCluster(configuration, plan.configuration, environment)
      if let before = running.first(where: { $0.configuration.meansSameCluster(as: configuration) }) {
        await cluster.resume(from: before)
      } else if let builder = restored.withLock({ $0.removeValue(forKey: configuration.name) }) {
        await cluster.resume(from: builder)
      } else {
        environment.identities.forget(configuration.name)
        environment.publisher.reset(configuration.name)
      }
      kept.append(cluster)
      start(cluster)
    }
    return kept
  }
}
