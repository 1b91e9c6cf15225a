import FoundationEssentials
import HTTPTransport
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory

/// What a poll does while no address is due: the list over HTTPS, and the inventory made of it.
///
/// The service's own loop waits between polls, so its steps are taken here one after the other.
final class SteadyPoll {
  private let http = HTTPClient()
  private let client: ProxmoxClient
  private var builder: InventoryBuilder

  init(of cluster: ClusterConfiguration) {
    client = ProxmoxClient(
      endpoint: cluster.endpoints.first ?? "", credentials: cluster.credentials, trust: cluster.trust, http: http,
      timeout: DiscoveryConfiguration().requestTimeout)
    builder = InventoryBuilder(name: cluster.name)
  }

  deinit { http.shutdown() }

  func run() async throws {
    builder.accept(try await client.resources(), from: client.endpoint, at: Date())
    blackHole(InventorySnapshot(clusters: [builder.snapshot()]))
  }
}
