package import PeerTrust
package import ProxmoxAPI
import ProxmoxInventory
package import RouteModel
import Synchronization

/// The features that identify a cluster, however it is reached: the only place that decides whether two are the same.
package struct ClusterIdentity: Hashable, Sendable {
  private let pveName: String?
  private let nodes: [String]
  private let fingerprints: [String: CertificateFingerprint]
  /// The value is nil while PVE does not know the name.
  private let guests: [VMID: String?]

  package init(pveName: String?, nodes: [(name: String, fingerprint: CertificateFingerprint?)], guests: [VMID: String?])
  {
    self.pveName = pveName
    self.nodes = nodes.map(\.name).sorted()
    fingerprints = Dictionary(nodes.compactMap { node in node.fingerprint.map { (node.name, $0) } }) { first, _ in first
    }
    self.guests = guests
  }

  init(_ snapshot: ClusterSnapshot) {
    self.init(
      pveName: snapshot.pveName, nodes: snapshot.nodes.map { ($0.id.name, $0.sslFingerprint) },
      guests: Dictionary(snapshot.guests.map { ($0.id.vmid, $0.name) }) { first, _ in first })
  }

  /// Whether both are certainly one cluster. Two standalone hosts may both be called `pve` and share a wildcard
  /// certificate, so without a cluster name their guests must be the same as well.
  package func isSame(as other: ClusterIdentity) -> Bool {
    guard !nodes.isEmpty, nodes == other.nodes, !fingerprints.isEmpty, fingerprints == other.fingerprints else {
      return false
    }
    if let pveName, let theirs = other.pveName { return pveName == theirs }
    return !guests.isEmpty && guests.keys == other.guests.keys
      && guests.allSatisfy { vmid, name in
        guard let name, let theirs = other.guests[vmid] ?? nil else { return true }
        return name == theirs
      }
  }

  /// Whether these nodes can belong to this cluster; a node may join between two requests.
  package func mayHave(_ nodes: [NodeSummary]) -> Bool {
    let theirs = nodes.compactMap(\.sslFingerprint)
    return fingerprints.isEmpty || theirs.isEmpty || !Set(fingerprints.values).isDisjoint(with: theirs)
  }
}

/// Finds configuration entries that turn out to be the same cluster.
final class ClusterIdentities: Sendable {
  private let known = Mutex<[ClusterName: ClusterIdentity]>([:])
  /// In configuration order: the first of two entries keeps the cluster.
  private let order = Mutex<[ClusterName]>([])

  func configure(_ names: [ClusterName]) {
    order.withLock { $0 = names }
    known.withLock { known in known = known.filter { names.contains($0.key) } }
  }

  /// Forgets an entry's identity until it makes a new claim.
  func forget(_ name: ClusterName) { known.withLock { $0[name] = nil } }

  /// Records a cluster's identity, and returns an earlier entry that is the same cluster.
  func claim(_ name: ClusterName, _ identity: ClusterIdentity) -> ClusterName? {
    let earlier = order.withLock { $0.prefix { $0 != name } }
    return known.withLock { known in
      known[name] = identity
      return earlier.first { known[$0]?.isSame(as: identity) == true }
    }
  }
}
