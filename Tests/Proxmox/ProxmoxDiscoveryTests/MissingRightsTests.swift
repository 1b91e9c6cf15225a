import PVESimulator
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

/// Nothing is concluded from lists that are empty or shorter because of missing rights.
@Suite("Missing rights") struct MissingRightsTests {
  private static let blind = Permissions(["/": .init(["Sys.Audit", "SDN.Audit"])])
  private static let reader: Permissions.Role = .init(["VM.Audit", "Pool.Audit"])

  @Test("Without privileges, every guest remains as stale until they are back, logged once", .timeLimit(.minutes(10)))
  func keepsGuestsWithoutRights() async throws {
    let (simulator, book) = (try await PVESimulator.start(cluster: .sample(guests: 12)), LogBook())
    try await RunningDiscovery.run(simulator.entry(), logger: book.logger) { discovery in
      try await discovery.settle()
      let known = try #require(discovery.service.snapshot.cluster("home")).guests.map(\.addressTexts)
      simulator.update { $0.tokens[0].permissions = Self.blind }
      try await discovery.cluster("stale") { $0.freshness?.isStale == true }
      try await discovery.polls(8, of: simulator)
      let hidden = try await discovery.cluster("the right is named") {
        $0.error?.contains("VM.Audit") == true && $0.nodes.allSatisfy { !$0.freshness.isStale }
      }
      #expect(hidden.guests.map(\.addressTexts) == known && hidden.departures.isEmpty)
      #expect(hidden.guests.allSatisfy { $0.freshness.isStale && $0.freshness.error?.contains("VM.Audit") == true })
      #expect(hidden.error?.contains("/vms") == true)
      #expect(book.lines.count { $0.hasPrefix("warning: rights are missing") } == 1)
      simulator.update { $0.tokens[0].permissions = .readsEverything(PVEVersion(9, 0)) }
      try await discovery.cluster("back") { cluster in
        cluster.error == nil && cluster.freshness?.isStale == false
          && cluster.guests.allSatisfy { !$0.freshness.isStale && $0.freshness.error == nil }
      }
      try await eventually("said") {
        book.lines.contains { $0.hasPrefix("info: rights are complete again") } ? () : nil
      }
    }
    await simulator.shutdown()
  }

  @Test("The empty list of a token that may see no guest does not count as a read", .timeLimit(.minutes(10)))
  func isNotReadWithoutRights() async throws {
    var cluster = SimulatedCluster.sample(guests: 5)
    cluster.tokens[0].permissions = Self.blind
    let simulator = try await PVESimulator.start(cluster: cluster)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      let denied = try await discovery.cluster("says why") { $0.error?.contains("VM.Audit") == true }
      #expect(!denied.wasRead && denied.nodes.count == 3 && !discovery.service.snapshot.isComplete)
      simulator.update { $0.tokens[0].permissions = .readsEverything(PVEVersion(9, 0)) }
      try await discovery.cluster("read") { $0.wasRead && $0.error == nil && $0.guests.count == 5 }
    }
    await simulator.shutdown()
  }

  @Test("A cluster without guests is read, if the token could see some", .timeLimit(.minutes(10)))
  func readsAnEmptyCluster() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 0))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.cluster("read") { $0.wasRead && $0.error == nil && $0.guests.isEmpty }
    }
    await simulator.shutdown()
  }

  @Test("A guest hidden by NoAccess remains, with the missing privilege", .timeLimit(.minutes(10)))
  func keepsASingleHiddenGuest() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      simulator.update { $0.tokens[0].permissions.roles["/vms/102"] = .noAccess }
      let hidden = try await discovery.guest(102, "hidden") { $0.freshness.error?.contains("/vms/102") == true }
      #expect(hidden.freshness.isStale && hidden.addressTexts == ["127.64.16.2"])
      try await discovery.polls(8, of: simulator)
      // On a busy machine a poll may be late, and everything stale for a moment.
      try await discovery.cluster("still lacks this guest alone") { cluster in
        cluster.guests.count == 6 && cluster.freshness?.isStale == false
          && cluster.error?.contains("VM.Audit is missing on /vms/102") == true
          && cluster.guests.filter(\.freshness.isStale).map(\.id.vmid) == [102]
      }
      simulator.update { $0.tokens[0].permissions.roles["/vms/102"] = nil }
      try await discovery.cluster("whole again") { $0.error == nil && $0.guests.allSatisfy { !$0.freshness.isStale } }
    }
    await simulator.shutdown()
  }

  @Test(
    "The guests of a pool without its former grant remain; a destroyed guest in another pool is removed",
    .timeLimit(.minutes(10)))
  func keepsTheGuestsOfAPool() async throws {
    var cluster = SimulatedCluster.sample(guests: 6)
    for vmid in 101...106 { cluster.change(vmid) { $0.pool = vmid < 104 ? "media" : "tv" } }
    cluster.tokens[0].permissions = Permissions([
      "/": .init(["Sys.Audit", "SDN.Audit"]), "/pool/media": Self.reader, "/pool/tv": Self.reader,
    ])
    let simulator = try await PVESimulator.start(cluster: cluster)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.cluster("all of both pools") { $0.guests.count == 6 && $0.error == nil }
      simulator.update { cluster in
        cluster.tokens[0].permissions.roles["/pool/media"] = nil
        cluster.remove(105)
      }
      let left = try await discovery.cluster("one gone") { $0.guests.count == 5 && $0.error != nil }
      #expect(left.departures[105] != nil)
      try await discovery.polls(8, of: simulator)
      #expect(discovery.service.snapshot.cluster("home")?.guests.map(\.id.vmid) == [101, 102, 103, 104, 106])
      // On a busy machine a poll may be late, and everything stale for a moment.
      try await discovery.cluster("still lacks the guests of that pool alone") { cluster in
        cluster.freshness?.isStale == false
          && cluster.guests.filter(\.freshness.isStale).map(\.id.vmid) == [101, 102, 103]
      }
    }
    await simulator.shutdown()
  }

  /// PVE requires VM.Config.Options for the configuration of a container with environment variables.
  @Test("A missing guest with a refused configuration is not removed", .timeLimit(.minutes(10)))
  func keepsAMissingGuestWhoseConfigurationIsRefused() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6))
    simulator.update { $0.change(102) { $0.hasEnvironment = true } }
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      for vmid in [101, 102] { simulator.update { $0.tokens[0].permissions.roles["/vms/\(vmid)"] = .noAccess } }
      try await discovery.cluster("both hidden") { $0.guests.filter(\.freshness.isStale).count == 2 }
      try await discovery.polls(6, of: simulator)
      #expect(discovery.service.snapshot.cluster("home")?.guests.count == 6)
    }
    await simulator.shutdown()
  }
}
