import HTTPTransport
import ProxmoxAPI

/// What a cluster tells of itself, through one endpoint.
struct ClusterFacts: Sendable {
  var version: APIVersion
  var nodes: [NodeSummary]
  var resources: ClusterResources
  /// Nil where it cannot be read.
  var status: ClusterStatus?
  /// Why not; nil also where a right is missing, which is told with the rights.
  var statusError: ProxmoxError?

  static func read(_ client: ProxmoxClient, version: APIVersion) async throws(ProxmoxError) -> ClusterFacts {
    var facts = ClusterFacts(
      version: version, nodes: try await client.nodes(), resources: try await client.resources())
    do throws(ProxmoxError) {
      facts.status = try await client.clusterStatus()
    } catch .forbidden {
      // Told with the rights.
    } catch {
      facts.statusError = error
    }
    return facts
  }
}

/// By what a cluster is recognised, however it is reached.
struct ClusterLikeness: Hashable, Sendable {
  private let pveName: String?
  private let fingerprints: [String: String]
  private let guests: [Int: String]

  init(_ facts: ClusterFacts) {
    self.init(
      pveName: facts.status?.clusterName, nodes: facts.nodes,
      guests: Dictionary(facts.resources.guests.map { ($0.vmid, $0.name ?? "") }) { first, _ in first })
  }

  init(pveName: String?, nodes: [NodeSummary], guests: [Int: String]) {
    self.pveName = pveName
    self.guests = guests
    fingerprints = Self.fingerprints(nodes)
  }

  /// Two standalone hosts may both be `pve` and share a wildcard certificate, so without a cluster's name their guests
  /// must be the same as well.
  func isSame(as other: ClusterLikeness) -> Bool {
    guard !fingerprints.isEmpty, fingerprints == other.fingerprints else { return false }
    if let pveName, let theirs = other.pveName { return pveName == theirs }
    return !guests.isEmpty && guests == other.guests
  }

  /// Whether these nodes can be those of this cluster.
  func mayHave(_ nodes: [NodeSummary]) -> Bool {
    let theirs = Self.fingerprints(nodes)
    // One may join between two questions.
    return fingerprints.isEmpty || theirs.isEmpty || !Set(fingerprints.values).isDisjoint(with: theirs.values)
  }

  private static func fingerprints(_ nodes: [NodeSummary]) -> [String: String] {
    Dictionary(nodes.map { ($0.name, $0.sslFingerprint ?? "") }) { first, _ in first }
  }
}
