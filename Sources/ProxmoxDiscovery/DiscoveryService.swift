package import HTTPTransport
package import Logging
package import ProxmoxInventory
import ServiceLifecycle

/// Polls every cluster and publishes the inventory. The only writer of the inventory.
package final class DiscoveryService: Service {
  package init(
    clusters: [ClusterConfiguration], configuration: DiscoveryConfiguration, client: HTTPClient, hints: DiscoveryHints,
    logger: Logger
  ) {
    fatalError("unbuilt")
  }

  /// The newest inventory.
  package var snapshot: InventorySnapshot { fatalError("unbuilt") }

  /// Every snapshot as it is published, the newest only where the reader is slow; the current one first.
  package func snapshots() -> AsyncStream<InventorySnapshot> { fatalError("unbuilt") }

  /// Puts a new configuration in force: clusters that stayed as they are go on undisturbed.
  package func reconfigure(clusters: [ClusterConfiguration], configuration: DiscoveryConfiguration) {
    fatalError("unbuilt")
  }

  package func run() async throws { fatalError("unbuilt") }
}
