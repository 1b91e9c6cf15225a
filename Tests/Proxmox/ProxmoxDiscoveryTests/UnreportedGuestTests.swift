import PVESimulator
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

/// Guests that are `unknown` although their node is online: its pvestatd sends nothing.
@Suite("Unreported guests") struct UnreportedGuestTests {
  /// Guests 101 and 104 are on pve1.
  private func start(isReporting: Bool = true) async throws -> PVESimulator {
    var cluster = SimulatedCluster.sample(guests: 6)
    cluster.change(104) { $0.interfaces[0].configured = .dhcp }
    cluster.add(SimulatedGuest(vmid: 900, name: "template", node: "pve1", status: "stopped", isTemplate: true))
    cluster.setReporting("pve1", isReporting)
    return try await PVESimulator.start(cluster: cluster)
  }

  /// A slow machine does not make a node too slow for the list.
  private static var patient: DiscoveryConfiguration {
    var configuration = RunningDiscovery.quick
    configuration.nodeListTimeout = .seconds(120)
    return configuration
  }

  @Test(
    "Their names, states and addresses are read from the node itself, and the problem is reported",
    .timeLimit(.minutes(10)))
  func asksTheNode() async throws {
    let simulator = try await start()
    try await RunningDiscovery.run(simulator.entry(), configuration: Self.patient) { discovery in
      try await discovery.settle()
      simulator.update { $0.setReporting("pve1", false) }
      let guest = try await discovery.guest(104, "unreported") {
        $0.freshness.error?.contains("pvestatd") == true && $0.status == .running
      }
      #expect(guest.freshness.isStale && guest.name?.hasSuffix("-104") == true)
      #expect(guest.addressTexts == ["127.64.16.4"])
      // Changes in the meantime are detected: the node answers with live data.
      simulator.update { $0.stop(101) }
      try await discovery.guest(101, "stopped") { $0.status == .stopped }
      simulator.update { cluster in
        cluster.setAddress(104, to: "127.64.99.4")
        cluster.start(101)
      }
      discovery.hints.suspects(GuestID(cluster: "home", vmid: 104))
      try await discovery.guest(104, "readdressed") { $0.addressTexts == ["127.64.99.4"] }
      // A read that a slow machine lets time out is followed by one that succeeds.
      try await discovery.cluster("whole and without an error") { cluster in
        cluster.guests.last?.isTemplate == true && cluster.error == nil
      }
      simulator.update { $0.setReporting("pve1", true) }
      try await discovery.cluster("as before") { cluster in
        cluster.guests.allSatisfy { !$0.freshness.isStale && $0.freshness.error == nil }
      }
    }
    await simulator.shutdown()
  }

  @Test("At the start, they have names after the first list", .timeLimit(.minutes(10)))
  func knowsNamesAtTheStart() async throws {
    let simulator = try await start(isReporting: false)
    try await RunningDiscovery.run(simulator.entry(), configuration: Self.patient) { discovery in
      let first = try await discovery.cluster("read") { $0.wasRead }
      #expect(first.guests.count == 7 && first.guests.allSatisfy { $0.name != nil } && !first.hasNamelessGuests)
      try await discovery.guest(104, "address") { $0.addressTexts == ["127.64.16.4"] }
    }
    await simulator.shutdown()
  }

  @Test("If the node does not answer either, the known state remains unchanged", .timeLimit(.minutes(10)))
  func keepsWhatWasKnown() async throws {
    let simulator = try await start()
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      for list in ["lxc", "qemu"] {
        simulator.inject(Fault(.status(596, "Connection timed out"), path: "/nodes/pve1/\(list)"))
      }
      simulator.update { $0.setReporting("pve1", false) }
      try await discovery.guest(104, "unknown") { $0.status == .unknown && $0.freshness.isStale }
      try await discovery.polls(6, of: simulator)
      let cluster = try #require(discovery.service.snapshot.cluster("home"))
      #expect(cluster.guests.count == 7 && cluster.guests.allSatisfy { $0.name != nil } && cluster.departures.isEmpty)
      #expect(cluster.guests[0].addressTexts == ["127.64.16.1"] && cluster.guests[3].addressTexts == ["127.64.16.4"])
      #expect(cluster.guests.last?.isTemplate == true, "not a guest of a sudden")
    }
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      let fresh = try await discovery.cluster("read") { $0.wasRead }
      #expect(fresh.hasNamelessGuests, "a name that matches nothing may still be one of theirs")
    }
    await simulator.shutdown()
  }

  @Test("A hanging node delays no list", .timeLimit(.minutes(10)))
  func isNotHeldUp() async throws {
    let simulator = try await start(isReporting: false)
    for list in ["lxc", "qemu"] { simulator.inject(Fault(.hang, path: "/nodes/pve1/\(list)")) }
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.cluster("read") { $0.wasRead && $0.guests.count == 7 }
    }
    await simulator.shutdown()
  }
}
