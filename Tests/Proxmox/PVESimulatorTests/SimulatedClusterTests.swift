import PVESimulator
import Testing

@Suite struct SimulatedClusterTests {
  private func cluster() -> SimulatedCluster {
    SimulatedCluster(
      nodes: [SimulatedNode(name: "pve1"), SimulatedNode(name: "pve2")],
      guests: [.container(101, "plex", on: "pve1", address: "127.64.16.1")])
  }

  @Test func changesAGuestByItsVerbs() throws {
    var cluster = cluster()
    cluster.migrate(101, to: "pve2")
    cluster.rename(101, to: "jellyfin")
    cluster.setAddress(101, to: "127.64.16.7")
    cluster.stop(101)
    let guest = try #require(cluster[101])
    #expect(guest.node == "pve2")
    #expect(guest.name == "jellyfin")
    #expect(guest.interfaces.map(\.addresses) == [["127.64.16.7/10"]])
    #expect(guest.status == "stopped" && guest.startedAt == nil)
    cluster.start(101)
    #expect(cluster[101]?.startedAt != nil)
  }

  @Test func keepsItsGuestsInOrderAndUnique() {
    var cluster = cluster()
    cluster.add(.container(1000, "b", on: "pve1", address: "127.64.16.2"))
    cluster.add(.container(101, "a", on: "pve2", address: "127.64.16.3"))
    #expect(cluster.guests.map(\.vmid) == [1000, 101])
    #expect(cluster[101]?.name == "a")
    cluster.remove(1000)
    #expect(cluster.guests.map(\.vmid) == [101])
    #expect(cluster[1000] == nil)
  }

  @Test func leavesAloneWhatIsNotThere() {
    var cluster = cluster()
    cluster.stop(999)
    cluster.setNode("pve9", online: false)
    #expect(cluster.guests.count == 1)
    #expect(cluster.nodes.map(\.isOnline) == [true, true])
  }

  @Test func samplesManyGuestsOnLoopbackOnly() {
    let cluster = SimulatedCluster.sample(nodes: 20, guests: 5000)
    let addresses = cluster.nodes.compactMap(\.address) + cluster.guests.flatMap { $0.interfaces.flatMap(\.addresses) }
    #expect(addresses.count == 5020)
    #expect(Set(addresses).count == 5020)
    #expect(addresses.allSatisfy { $0.hasPrefix("127.64.") })
    #expect(Set(cluster.guests.map(\.name)).count == 5000)
    #expect(
      cluster.guests
        == SimulatedCluster.sample(nodes: 20, guests: 5000).guests.map { guest in
          var guest = guest
          guest.startedAt = cluster[guest.vmid]?.startedAt
          return guest
        })
  }
}
