import HTTPTransport
import Logging
import ProxmoxDiscovery
import ProxmoxInventory

/// A discovery service at work, one poll right after the other.
final class DiscoveryRun: Sendable {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let client = HTTPClient()
  private let service: DiscoveryService
  private let task: Task<Void, any Error>

  /// Returns when all nodes and guests are known with their addresses.
  init(of cluster: ClusterConfiguration) async throws {
    var configuration = DiscoveryConfiguration()
    configuration.interval = .milliseconds(1)
    configuration.addressRefresh = .seconds(24 * 3600)
    let service = DiscoveryService(
      clusters: [cluster], configuration: configuration, client: client, hints: DiscoveryHints(),
      logger: Logger(label: "pvescout-bench") { _ in SwiftLogNoOpLogHandler() })
    self.service = service
    task = Task { try await service.run() }
    _ = try await snapshot(where: \.isKnownWhole)
  }

  deinit {
    task.cancel()
    client.shutdown()
  }

  /// Stops it, and returns when it has stopped.
  func end() async throws {
    task.cancel()
    _ = await task.result
  }

  /// Waits until at least so many polls have passed; how many did.
  func wait(polls: Int) async throws -> Int {
    // While no address is due, each poll publishes once.
    let start = service.snapshot.generation
    let end = try await snapshot { $0.generation >= start + UInt64(polls) }.generation
    return Int(end - start)
  }

  private func snapshot(where isWanted: (InventorySnapshot) -> Bool) async throws -> InventorySnapshot {
    for await snapshot in service.snapshots() {
      if let error = snapshot.clusters.lazy.compactMap(\.error).first { throw Failure(description: error) }
      if isWanted(snapshot) { return snapshot }
    }
    throw CancellationError()
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
