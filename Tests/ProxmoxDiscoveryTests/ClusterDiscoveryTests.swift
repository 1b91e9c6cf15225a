import Foundation
import HTTPTransport
import Logging
import PVESimulator
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxAPI
@testable import ProxmoxDiscovery

@Suite("ClusterDiscovery") struct ClusterDiscoveryTests {
  private let environment = ClusterDiscovery.Environment(
    http: HTTPClient(), hints: DiscoveryHints(), publisher: SnapshotPublisher(), identities: ClusterIdentities(),
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

  init() {
    environment.publisher.configure(["home", "twin"])
    environment.identities.configure(["home", "twin"])
  }

  @Test("Once silenced, a loop neither publishes nor claims its cluster", arguments: [false, true])
  func fallsSilent(isSilenced: Bool) async throws {
    let builder = try Self.builder()
    let discovery = makeDiscovery(endpoints: [])
    await discovery.resume(from: builder, isReachedAnew: false)
    if isSilenced { await discovery.silence() }
    await discovery.publish()
    #expect(environment.publisher.current.cluster("home")?.wasRead == !isSilenced)
    let claim = environment.identities.claim("twin", ClusterIdentity(builder.snapshot()))
    #expect(claim == (isSilenced ? nil : "home"))
    environment.http.shutdown()
  }

  @Test("A poll that fails at several endpoints counts as one failure")
  func countsAFailedPollOnce() async throws {
    var simulators: [PVESimulator] = []
    for _ in 1...3 {
      let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 1))
      await simulator.pause()
      simulators.append(simulator)
    }
    let discovery = makeDiscovery(endpoints: simulators.map(\.url))
    await discovery.poll()
    let error = try #require(environment.publisher.current.cluster("home")?.error)
    #expect(simulators.allSatisfy { error.contains($0.url) })
    #expect(await discovery.cadence.pause(jitter: 0) == .seconds(10))
    await discovery.poll()
    #expect(await discovery.cadence.pause(jitter: 0) == .seconds(20))
    environment.http.shutdown()
    for simulator in simulators { await simulator.shutdown() }
  }

  private func makeDiscovery(endpoints: [String]) -> ClusterDiscovery {
    let configuration = ClusterConfiguration(
      name: "home", endpoints: endpoints, credentials: .token(id: "a@pve!b", secret: "secret"), trust: .systemRoots)
    return ClusterDiscovery(configuration, settings: DiscoveryConfiguration(), environment: environment)
  }

  /// One node and one guest, and all by which the cluster is recognised.
  private static func builder() throws -> InventoryBuilder {
    var builder = InventoryBuilder(name: "home")
    let rows = #"{"data":[{"type":"node","node":"pve1"},{"type":"lxc","vmid":101,"node":"pve1"}]}"#
    builder.accept(
      try ClusterResources(decoding: Array(rows.utf8)), from: "https://127.64.0.11:8006",
      at: Date(timeIntervalSince1970: 1_700_000_000))
    let summary = try JSONReader.value(of: Array(#"{"node":"pve1","ssl_fingerprint":"AA"}"#.utf8))
    builder.facts.record(summaries: [try #require(NodeSummary(summary))])
    return builder
  }
}
