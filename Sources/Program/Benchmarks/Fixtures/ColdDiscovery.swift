import HTTPTransport
import Logging
import ProxmoxDiscovery
import ProxmoxInventory

/// The discovery service from its start until it has read the whole cluster.
enum ColdDiscovery {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Returns once all nodes, guests and addresses are known and the service has ended.
  static func run(of cluster: ClusterConfiguration) async throws {
    let client = HTTPClient()
    defer { client.shutdown() }
    var configuration = DiscoveryConfiguration()
    configuration.loopbackGuests = true
    let service = DiscoveryService(
      clusters: [cluster], configuration: configuration, client: client, hints: DiscoveryHints(),
      logger: Logger(label: "pvescout-bench") { _ in SwiftLogNoOpLogHandler() })
    try await withThrowingTaskGroup { group in
      group.addTask { try await service.run() }
      for await snapshot in service.snapshots() {
        if let error = snapshot.clusters.lazy.compactMap(\.error).first { throw Failure(description: error) }
        if snapshot.isKnownWhole { break }
      }
      group.cancelAll()
    }
  }
}

extension InventorySnapshot {
  fileprivate var isKnownWhole: Bool {
    !clusters.isEmpty
      && clusters.allSatisfy { cluster in
        cluster.wasRead && cluster.version != nil && cluster.nodes.allSatisfy { !$0.addresses.isEmpty }
          && cluster.guests.allSatisfy { !$0.addresses.isEmpty }
      }
  }
}
