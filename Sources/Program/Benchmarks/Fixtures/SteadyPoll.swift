import FoundationEssentials
import HTTPTransport
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory

/// A poll while no address is due: reads the list over HTTPS and builds the inventory.
///
/// Runs the steps of the service's loop, which would wait between polls.
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
