import ProxmoxInventory
import RouteModel
import Synchronization

/// By what a cluster is recognised, however it is reached.
struct ClusterIdentity: Hashable, Sendable {
  private let pveName: String?
  private let nodes: [String]
  private let fingerprints: [String: String]
  private let guests: [VMID: String]

  init(_ snapshot: ClusterSnapshot) {
    pveName = snapshot.pveName
    nodes = snapshot.nodes.map(\.id.name)
    fingerprints = Dictionary(
      snapshot.nodes.compactMap { node in node.sslFingerprint.map { (node.id.name, $0) } }
    ) { first, _ in first }
    guests = Dictionary(snapshot.guests.map { ($0.id.vmid, $0.name ?? "") }) { first, _ in first }
  }

  /// Whether both are proved to be one cluster. Two standalone hosts may both be `pve` and share a wildcard certificate,
  /// so without a cluster's name their guests must be the same as well.
  func isSame(as other: ClusterIdentity) -> Bool {
    guard !nodes.isEmpty, nodes == other.nodes, !fingerprints.isEmpty, fingerprints == other.fingerprints else {
      return false
    }
    if let pveName, let theirs = other.pveName { return pveName == theirs }
    return !guests.isEmpty && guests == other.guests
  }
}

/// Finds entries of the configuration that prove to be one cluster.
final class ClusterIdentities: Sendable {
  private let known = Mutex<[ClusterName: ClusterIdentity]>([:])
  /// In the order of the configuration: the first of two keeps the cluster.
  private let order = Mutex<[ClusterName]>([])

  func configure(_ names: [ClusterName]) {
    order.withLock { $0 = names }
    known.withLock { known in known = known.filter { names.contains($0.key) } }
  }

  /// Until it claims again, an entry is no cluster known.
  func forget(_ name: ClusterName) { known.withLock { $0[name] = nil } }

  /// Notes what a cluster is, and tells an earlier entry that is the same cluster.
  func claim(_ name: ClusterName, _ identity: ClusterIdentity) -> ClusterName? {
    let earlier = order.withLock { $0.prefix { $0 != name } }
    return known.withLock { known in
      known[name] = identity
      return earlier.first { known[$0]?.isSame(as: identity) == true }
    }
  }
}
