import HTTPTransport
import Logging
import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

/// A discovery service that runs during a test.
struct RunningDiscovery: Sendable {
  let service: DiscoveryService
  let hints: DiscoveryHints
  /// The inventory before the first poll.
  let first: InventorySnapshot

  /// Polls every 100 ms and refreshes addresses after a day. Besides explicitly caused reads, a guest that was just
  /// started is read again after 30 s: see `afterAnHour`.
  static var quick: DiscoveryConfiguration {
    var configuration = DiscoveryConfiguration()
    configuration.interval = .milliseconds(100)
    configuration.addressRefresh = .seconds(86400)
    configuration.requestTimeout = .seconds(30)
    configuration.loopbackGuests = true
    return configuration
  }

  static func run(
    _ clusters: ClusterConfiguration..., configuration: DiscoveryConfiguration = quick, stateDirectory: String? = nil,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
    _ body: (RunningDiscovery) async throws -> Void
  ) async throws {
    let http = HTTPClient()
    let hints = DiscoveryHints()
    let service = DiscoveryService(
      clusters: clusters, configuration: configuration, client: http, hints: hints,
      stateDirectory: stateDirectory, logger: logger)
    let first = service.snapshot
    try await withThrowingTaskGroup { group in
      group.addTask { try await service.run() }
      try await body(RunningDiscovery(service: service, hints: hints, first: first))
      group.cancelAll()
    }
    http.shutdown()
  }

  /// Waits until a cluster meets the condition.
  @discardableResult
  func cluster(
    _ what: String, of name: ClusterName = "home", where condition: (ClusterSnapshot) -> Bool
  ) async throws -> ClusterSnapshot {
    try await eventually("cluster \(name): \(what)") {
      service.snapshot.cluster(name).flatMap { condition($0) ? $0 : nil }
    }
  }

  @discardableResult
  func guest(
    _ vmid: VMID, _ what: String, where condition: (Guest) -> Bool
  ) async throws -> Guest {
    try await eventually("guest \(vmid): \(what)") {
      service.snapshot.guest(GuestID(cluster: "home", vmid: vmid)).flatMap { condition($0) ? $0 : nil }
    }
  }

  /// Waits until that many further polls have been answered.
  func polls(_ count: Int, of simulator: PVESimulator) async throws {
    let before = simulator.count(of: "/cluster/resources")
    try await eventually("\(count) further polls") {
      simulator.count(of: "/cluster/resources") >= before + count ? () : nil
    }
  }

  /// Waits until all running guests have an address.
  func settle(_ name: ClusterName = "home") async throws {
    try await cluster("all addresses known", of: name) { cluster in
      !cluster.guests.isEmpty && cluster.guests.allSatisfy { !$0.status.isRunning || !$0.addresses.isEmpty }
        && cluster.nodes.allSatisfy { !$0.addresses.isEmpty } && cluster.version != nil
    }
  }
}

extension PVESimulator {
  /// The number of requests whose path ends with the given text.
  func count(of path: String) -> Int { requests().filter { $0.path.hasSuffix(path) }.count }

  func entry(named name: ClusterName = "home", endpoints: [String]? = nil) throws -> ClusterConfiguration {
    ClusterConfiguration(
      name: name, endpoints: endpoints ?? [url],
      credentials: .token(id: SimulatedCluster.sampleToken.id, secret: SimulatedCluster.sampleToken.secret),
      trust: .fingerprints([try #require(CertificateFingerprint(fingerprint))]))
  }
}

extension PVESimulator.Configuration {
  /// With an address of its own, so that nothing else takes the port while the simulator is paused.
  static var ownAddress: PVESimulator.Configuration {
    var configuration = PVESimulator.Configuration()
    configuration.addresses = ["127.\(Int.random(in: 65...250)).\(Int.random(in: 0...255)).8"]
    return configuration
  }
}

extension SimulatedCluster {
  /// The cluster whose running guests were started an hour ago.
  var afterAnHour: SimulatedCluster {
    var cluster = self
    for guest in guests where guest.startedAt != nil {
      cluster.change(guest.vmid) { $0.startedAt = ContinuousClock.now - .seconds(3600) }
    }
    return cluster
  }
}

extension Guest {
  var addressTexts: [String] { addresses.map(\.address.description) }
}
