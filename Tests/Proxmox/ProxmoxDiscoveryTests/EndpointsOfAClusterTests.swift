import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

@testable import ProxmoxDiscovery

/// The choice among a cluster's endpoints.
@Suite("Endpoints of a cluster", .timeLimit(.minutes(5))) struct EndpointsOfAClusterTests {
  @Test("The next endpoint is used while the first one hangs, and the first one again after its recovery")
  func returnsToThePreferred() async throws {
    let preferred = try await PVESimulator.start(cluster: .sample(guests: 5))
    let other = try await PVESimulator.start(cluster: .sample(guests: 5))
    var entry = try preferred.entry(endpoints: [preferred.url, other.url])
    entry.trust = .fingerprints([preferred, other].compactMap { CertificateFingerprint($0.fingerprint) })
    try await RunningDiscovery.run(entry) { discovery in
      try await discovery.cluster("read from the first") { $0.endpoint == preferred.url && $0.error == nil }
      preferred.inject(Fault(.hang))
      try await discovery.cluster("read from the second") {
        $0.endpoint == other.url && $0.error == nil && $0.guests.count == 5
      }
      preferred.clearFaults()
      try await discovery.cluster("back at the first") { $0.endpoint == preferred.url && $0.error == nil }
    }
    await preferred.shutdown()
    await other.shutdown()
  }

  /// The configuration has one node; the cluster reports all of them with their certificates.
  @Test("A node named by the cluster is used if the configured endpoint is down, with its own pin")
  func asksDiscoveredNodes() async throws {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 3)
    for index in cluster.nodes.indices { cluster.nodes[index].address = "127.64.77.\(11 + index)" }
    var configuration = PVESimulator.Configuration()
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let entry = try simulator.entry(endpoints: [simulator.url(on: "127.0.0.1")])
    try await RunningDiscovery.run(entry) { discovery in
      try await discovery.settle()
      try await discovery.cluster("members known") { $0.pveName != nil }
      // On a slow machine the first node's answer may be too late: the second one must not be read instead.
      for host in ["127.0.0.1", "127.64.77.12"] { simulator.inject(Fault(.drop, host: host)) }
      try await discovery.cluster("read from the first node") {
        $0.endpoint == simulator.url(on: "127.64.77.11") && $0.error == nil
      }
      simulator.clearFaults()
      try await discovery.cluster("back at the user's own") { $0.endpoint == simulator.url && $0.error == nil }
    }
    await simulator.shutdown()
  }

  /// Each node has its own certificate, and the configuration pins that of the first one.
  @Test(
    "A node named by the cluster must have its own certificate to get the token",
    .timeLimit(.minutes(10)), arguments: [false, true])
  func pinsDiscoveredNodes(isRenewed: Bool) async throws {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 3)
    let block = isRenewed ? 74 : 75
    for index in cluster.nodes.indices { cluster.nodes[index].address = "127.64.\(block).\(11 + index)" }
    var configuration = PVESimulator.Configuration()
    configuration.addresses = []
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let entry = try simulator.entry(endpoints: [simulator.url(on: "127.64.\(block).11")])
    #expect(simulator.fingerprint(of: "pve1") != simulator.fingerprint(of: "pve2"))
    try await RunningDiscovery.run(entry) { discovery in
      try await discovery.settle()
      try await discovery.cluster("members known") { $0.pveName != nil }
      if isRenewed {
        // A node that still answers would report the new certificate, which is trusted then.
        simulator.inject(Fault(.drop))
        try await discovery.cluster("unreachable") { $0.error != nil }
        simulator.renewCertificate(of: "pve2")
      }
      simulator.update { $0.setNode("pve1", online: false) }
      // Ends open requests.
      simulator.clearFaults()
      simulator.clearRequests()
      if isRenewed {
        let first = simulator.fingerprint(of: "pve2")
        try await discovery.cluster("refused") { $0.error?.contains(first) == true }
        // Requests to the first node have ended; from now on only the second one can be asked.
        simulator.clearRequests()
        simulator.renewCertificate(of: "pve2")
        let second = simulator.fingerprint(of: "pve2")
        try await discovery.cluster("refused again") { $0.error?.contains(second) == true }
        #expect(first != second && simulator.credentialCount == 0)
      } else {
        try await discovery.cluster("read from pve2") {
          $0.endpoint?.contains(".\(block).12:") == true && $0.error == nil
        }
      }
    }
    await simulator.shutdown()
  }

  @Test(
    "The second configured endpoint is trusted by the cluster's information, although only the first is pinned",
    .timeLimit(.minutes(10)))
  func trustsConfiguredNodesByTheirOwnCertificate() async throws {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 3)
    for index in cluster.nodes.indices { cluster.nodes[index].address = "127.64.73.\(11 + index)" }
    var configuration = PVESimulator.Configuration()
    configuration.addresses = []
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let entry = try simulator.entry(endpoints: [11, 12].map { simulator.url(on: "127.64.73.\($0)") })
    try await RunningDiscovery.run(entry) { discovery in
      try await discovery.settle()
      try await discovery.cluster("members known") { $0.pveName != nil }
      simulator.update { $0.setNode("pve1", online: false) }
      simulator.clearFaults()
      try await discovery.cluster("read from pve2") { $0.endpoint?.contains(".12:") == true && $0.error == nil }
    }
    await simulator.shutdown()
  }

  @Test("After a restart with the configured endpoint down, a node named by the cluster is used")
  func asksRememberedNodes() async throws {
    let folder = try TemporaryDirectory()
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 3)
    for index in cluster.nodes.indices { cluster.nodes[index].address = "127.64.76.\(11 + index)" }
    var configuration = PVESimulator.Configuration()
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    let entry = try simulator.entry(endpoints: [simulator.url(on: "127.0.0.1")])
    try await RunningDiscovery.run(entry, stateDirectory: folder.path) { discovery in
      try await discovery.settle()
      try await discovery.cluster("members known") { $0.pveName != nil }
    }
    simulator.inject(Fault(.drop, host: "127.0.0.1"))
    try await RunningDiscovery.run(entry, stateDirectory: folder.path) { discovery in
      try await discovery.cluster("read from a node") {
        $0.endpoint == simulator.url(on: "127.64.76.11") && $0.error == nil
      }
    }
    await simulator.shutdown()
  }

  @Test("A container's interfaces are read from its own node if only that has them (PVE 8.1 and 8.2)")
  func asksTheOwningNode() async throws {
    var cluster = SimulatedCluster.sample(nodes: 2, guests: 0, version: PVEVersion(8, 2))
    for index in cluster.nodes.indices { cluster.nodes[index].address = "127.64.78.\(11 + index)" }
    for (vmid, node) in [(101, "pve1"), (102, "pve2")] {
      var guest = SimulatedGuest.container(vmid, "ct-\(vmid)", on: node, address: "127.64.16.\(vmid)")
      guest.interfaces[0].configured = .dhcp
      cluster.add(guest)
    }
    var configuration = PVESimulator.Configuration()
    configuration.addresses = ["127.64.78.11"]
    configuration.listensOnNodes = true
    let simulator = try await PVESimulator.start(cluster: cluster, configuration: configuration)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.guest(101, "address") { $0.addressTexts == ["127.64.16.101"] }
      try await discovery.guest(102, "address") { $0.addressTexts == ["127.64.16.102"] }
    }
    await simulator.shutdown()
  }

  @Test("PVE's connection limits cause no failed request and no false alarm")
  func livesWithTheConnectionRules() async throws {
    var configuration = PVESimulator.Configuration()
    configuration.requestsPerConnection = 3
    configuration.idleTimeout = .seconds(1)
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6), configuration: configuration)
    // Sometimes a request is sent just as the server closes an idle connection.
    var settings = RunningDiscovery.quick
    settings.interval = .seconds(1)
    settings.addressRefresh = .milliseconds(500)
    try await RunningDiscovery.run(simulator.entry(), configuration: settings) { discovery in
      try await discovery.settle()
      let firstError = try await withThrowingTaskGroup(of: String?.self) { group in
        group.addTask {
          for await snapshot in discovery.service.snapshots() {
            if let error = snapshot.cluster("home")?.firstError { return error }
          }
          return nil
        }
        group.addTask {
          try await discovery.polls(8, of: simulator)
          return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
      }
      #expect(firstError == nil)
    }
    await simulator.shutdown()
  }

  @Test("Calls that are not protected share connections")
  func sharesConnections() async throws {
    // However slow the machine, the server closes no connection by itself.
    var configuration = PVESimulator.Configuration()
    (configuration.idleTimeout, configuration.requestsPerConnection) = (.seconds(600), 100_000)
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6).afterAnHour, configuration: configuration)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      try await discovery.cluster("members known") { $0.pveName != nil }
      try await discovery.polls(1, of: simulator)
      simulator.clearRequests()
      try await discovery.polls(20, of: simulator)
      #expect(simulator.connectionCount <= 2)
    }
    await simulator.shutdown()
  }
}

extension ClusterSnapshot {
  /// A late answer is not a connection error.
  fileprivate var firstError: String? {
    ([error] + guests.map(\.freshness.error)).lazy.compactMap(\.self).first { !$0.contains("three intervals") }
  }
}
