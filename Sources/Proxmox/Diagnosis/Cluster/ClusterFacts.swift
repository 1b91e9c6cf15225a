import HTTPTransport
import ProxmoxAPI
import ProxmoxDiscovery

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

extension ClusterIdentity {
  init(_ facts: ClusterFacts) {
    self.init(
      pveName: facts.status?.clusterName, nodes: facts.nodes.map { ($0.name, $0.sslFingerprint) },
      guests: Dictionary(facts.resources.guests.map { ($0.vmid, $0.name) }) { first, _ in first })
  }
}
