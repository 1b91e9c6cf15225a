import ProxmoxAPI
import ProxmoxDiscovery

/// What a cluster reports about itself, through one endpoint.
struct ClusterFacts: Sendable {
  var version: APIVersion
  var nodes: [NodeSummary]
  var listing: Listing
  /// Nil if it cannot be read.
  var status: ClusterStatus?
  /// Why the status cannot be read; nil if only a right is missing, which is reported with the rights.
  var statusError: ProxmoxError?

  var resources: ClusterResources { listing.resources }

  static func read(_ client: ProxmoxClient, version: APIVersion) async throws(ProxmoxError) -> ClusterFacts {
    var facts = ClusterFacts(
      version: version, nodes: try await client.nodes(), listing: try await ListReader(client: client).read())
    do throws(ProxmoxError) {
      facts.status = try await client.clusterStatus()
    } catch .forbidden {
      // Reported with the rights.
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
