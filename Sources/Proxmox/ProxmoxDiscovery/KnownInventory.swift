import Logging
package import ProxmoxInventory
package import RouteModel

/// The inventory that an agent saved in `state_dir`, for commands that contact nothing.
package struct KnownInventory: Sendable {
  package let snapshot: InventorySnapshot
  /// The clusters without a saved inventory, or with one that this process may not read.
  package let unknown: [ClusterName]

  package init(of clusters: [ClusterConfiguration], configuration: DiscoveryConfiguration, folder: String) {
    let cache = InventoryCache(
      folder: folder, keepsDamaged: false,
      logger: Logger(label: "pvescout", factory: { _ in SwiftLogNoOpLogHandler() }))
    let builders = clusters.map { cluster in
      var builder = cache.restore(cluster)
      builder?.claims = configuration.claims
      return builder
    }
    unknown = zip(clusters, builders).filter { $1 == nil }.map(\.0.name)
    snapshot = InventorySnapshot(
      clusters: zip(clusters, builders).map { $1?.snapshot() ?? ClusterSnapshot(name: $0.name) })
  }
}
