import ProxmoxInventory
import RouteModel
import Synchronization

/// The newest inventory, and the streams of its subscribers.
final class SnapshotPublisher: Sendable {
  private struct Draft {
    var order: [ClusterName] = []
    var clusters: [ClusterName: ClusterSnapshot] = [:]
    var generation: UInt64 = 0
  }

  private struct Audience {
    var current = InventorySnapshot.empty
    var streams: [UInt64: AsyncStream<InventorySnapshot>.Continuation] = [:]
    var nextID: UInt64 = 0
  }

  // Two locks: readers of the current snapshot never wait while the next one is built.
  private let draft = Mutex(Draft())
  private let audience = Mutex(Audience())

  var current: InventorySnapshot { audience.withLock { $0.current } }

  /// Sets the clusters: a new one starts unread, a removed one is left out.
  func configure(_ names: [ClusterName]) {
    draft.withLock { draft in
      draft.order = names
      draft.clusters = draft.clusters.filter { names.contains($0.key) }
      publish(&draft)
    }
  }

  func publish(_ cluster: ClusterSnapshot) {
    draft.withLock { draft in
      // A cluster that was just removed from the configuration may still publish.
      guard draft.order.contains(cluster.name) else { return }
      draft.clusters[cluster.name] = cluster
      publish(&draft)
    }
  }

  /// Forgets the inventory of a cluster whose configuration changed.
  func reset(_ name: ClusterName) { publish(ClusterSnapshot(name: name)) }

  func snapshots() -> AsyncStream<InventorySnapshot> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: InventorySnapshot.self, bufferingPolicy: .bufferingNewest(1))
    let id = audience.withLock { audience in
      audience.nextID += 1
      audience.streams[audience.nextID] = continuation
      continuation.yield(audience.current)
      return audience.nextID
    }
    continuation.onTermination = { [weak self] _ in
      self?.audience.withLock { _ = $0.streams.removeValue(forKey: id) }
    }
    return stream
  }

  private func publish(_ draft: inout Draft) {
    draft.generation += 1
    let snapshot = InventorySnapshot(
      clusters: draft.order.map { draft.clusters[$0] ?? ClusterSnapshot(name: $0) }, generation: draft.generation)
    audience.withLock { audience in
      audience.current = snapshot
      for stream in audience.streams.values { stream.yield(snapshot) }
    }
  }
}
