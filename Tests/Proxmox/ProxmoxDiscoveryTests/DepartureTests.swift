import PVESimulator
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

/// Guests that PVE no longer lists.
@Suite("Departures", .timeLimit(.minutes(5))) struct DepartureTests {
  @Test("A destroyed guest is removed with the next poll, and the inventory has the reason")
  func removesDestroyedGuests() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 12))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      simulator.update { cluster in
        cluster.remove(101)
        cluster.remove(110)
      }
      // Only one more list is answered, which is too few to end the grace period.
      simulator.inject(Fault(.delay(.zero), path: "/cluster/resources", times: 1))
      simulator.inject(Fault(.hang, path: "/cluster/resources"))
      let cluster = try await discovery.cluster("both gone") { $0.guests.count == 10 }
      #expect(cluster.departures[101] == "it was destroyed: PVE has no configuration of it any more")
      #expect(cluster.departures[110] == cluster.departures[101])
    }
    await simulator.shutdown()
  }

  @Test("Until every guest was read once, a cluster awaits addresses")
  func reportsTheFirstRound() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 4))
    simulator.inject(Fault(.hang, path: "/nodes/pve1/lxc/101/interfaces"))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.guest(102, "address") { !$0.addresses.isEmpty }
      #expect(discovery.service.snapshot.clustersAwaitingAddresses == ["home"])
      simulator.clearFaults()
      simulator.update { $0.stop(101) }
      try await discovery.cluster("all asked") { !$0.awaitsAddresses }
    }
    await simulator.shutdown()
  }
}
