import HTTPTransport
import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxDiscovery
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

@Suite("DiscoveryService", .timeLimit(.minutes(5))) struct DiscoveryServiceTests {
  @Test("Nodes and guests with everything that the reverse lookup needs")
  func readsACluster() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 3, guests: 40))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      let cluster = try await discovery.cluster("fresh") { cluster in
        cluster.error == nil && cluster.pveName != nil
          && cluster.guests.allSatisfy { $0.freshness.error == nil && !$0.freshness.isStale }
      }
      #expect(cluster.pveName == "home" && cluster.version == "9.0.10")
      #expect(cluster.nodes.map(\.id.name) == ["pve1", "pve2", "pve3"])
      #expect(cluster.nodes.map { $0.addresses.first?.description } == ["127.64.0.11", "127.64.0.12", "127.64.0.13"])
      #expect(
        cluster.nodes.allSatisfy {
          $0.sslFingerprint?.description == simulator.fingerprint(of: $0.id.name) && $0.notes.isEmpty
        })
      #expect(cluster.guests.map(\.id.vmid) == Array(101...140))
      let machine = try #require(cluster.guests.first { $0.type == .qemu && $0.status.isRunning })
      #expect(machine.addresses.map(\.source) == [.agent])
      #expect(
        try await discovery.guest(107, "static address") { !$0.addresses.isEmpty }.addresses.map(\.source) == [.config])
    }
    await simulator.shutdown()
  }

  @Test("Names are known after one call, however long the addresses take")
  func publishesNamesFirst() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 20))
    simulator.inject(Fault(.hang, path: "/nodes"))
    simulator.inject(Fault(.hang, path: "/cluster/status"))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.cluster("names") { $0.guests.count == 20 && $0.nodes.count == 3 }
      try await discovery.polls(3, of: simulator)
      #expect(discovery.service.snapshot.clusters.flatMap(\.guests).filter { $0.name == "backup-101" }.count == 1)
    }
    await simulator.shutdown()
  }

  @Test("Moved, stopped, started, renamed, created and removed guests are detected")
  func followsGuests() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 10))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      simulator.update { $0.migrate(101, to: "pve3") }
      try await discovery.guest(101, "moved") { $0.node == "pve3" && $0.addressTexts == ["127.64.16.1"] }
      simulator.update { $0.rename(101, to: "renamed") }
      try await discovery.guest(101, "renamed") { $0.name == "renamed" }
      simulator.update { $0.stop(101) }
      try await discovery.guest(101, "stopped") { $0.status == .stopped && $0.addresses.first?.source == .config }
      simulator.update { $0.start(101) }
      try await discovery.guest(101, "started") { $0.status.isRunning && $0.addresses.first?.source == .interfaces }
      simulator.update { $0.add(.container(500, "new", on: "pve2", address: "127.64.40.1")) }
      try await discovery.guest(500, "new") { $0.addressTexts == ["127.64.40.1"] }
      simulator.update { $0.remove(500) }
      try await eventually("removed") { discovery.service.snapshot.guests(withVMID: 500).isEmpty ? () : nil }
      simulator.update { $0.setNode("pve2", online: false) }
      try await discovery.cluster("node offline") { $0.nodes.map(\.status) == [.online, .offline, .online] }
    }
    await simulator.shutdown()
  }

  @Test("In steady state a poll is one call; the guest of a failing route is read at once")
  func asksForSuspectsOnly() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6).afterAnHour)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      try await discovery.polls(2, of: simulator)
      simulator.update { $0.setAddress(101, to: "127.64.50.1") }
      let before = simulator.requests().filter { $0.path.contains("/101/") }.count
      try await discovery.polls(5, of: simulator)
      #expect(simulator.requests().filter { $0.path.contains("/101/") }.count == before)
      #expect(discovery.service.snapshot.guests(withVMID: 101).first?.addressTexts == ["127.64.16.1"])
      discovery.hints.suspects(GuestID(cluster: "home", vmid: 101))
      try await discovery.guest(101, "new address") { $0.addressTexts == ["127.64.50.1"] }
    }
    await simulator.shutdown()
  }

  @Test("A guest that reports itself as running is running before PVE's lists show it")
  func believesTheGuest() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6))
    simulator.update { $0.stop(101) }
    var configuration = RunningDiscovery.quick
    configuration.interval = .seconds(3600)
    try await RunningDiscovery.run(simulator.entry(), configuration: configuration) { discovery in
      try await discovery.guest(101, "stopped") { $0.status == .stopped }
      await discovery.service.refresh(GuestID(cluster: "home", vmid: 101), isRunning: false)
      try await discovery.guest(101, "still stopped") { $0.status == .stopped }
      // A poll that a slow machine lets fail is followed by another one.
      try await eventually("guest 101: running") { () -> Bool? in
        await discovery.service.refresh(GuestID(cluster: "home", vmid: 101), isRunning: true)
        return discovery.service.snapshot.guests(withVMID: 101).first?.status == .running ? true : nil
      }
    }
    await simulator.shutdown()
  }

  @Test("A new address is found when the refresh is due")
  func refreshesAddresses() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 6))
    var configuration = RunningDiscovery.quick
    configuration.addressRefresh = .milliseconds(500)
    try await RunningDiscovery.run(simulator.entry(), configuration: configuration) { discovery in
      try await discovery.settle()
      simulator.update { $0.setAddress(101, to: "127.64.50.1") }
      try await discovery.guest(101, "new address") { $0.addressTexts == ["127.64.50.1"] }
    }
    await simulator.shutdown()
  }

  @Test("If the cluster is unreachable, everything remains as stale with the error; it recovers by itself")
  func survivesAnOutage() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 10), configuration: .ownAddress)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      await simulator.pause()
      let gone = try await discovery.cluster("stale") { $0.freshness?.isStale == true }
      #expect(gone.guests.count == 10 && gone.guests.allSatisfy { $0.freshness.isStale })
      #expect(gone.nodes.allSatisfy { $0.freshness.isStale })
      try await discovery.cluster("the reason") { $0.error?.contains(simulator.url) == true }
      #expect(discovery.service.snapshot.isComplete)
      try await simulator.resume()
      let back = try await discovery.cluster("fresh") { $0.freshness?.isStale == false }
      #expect(back.error == nil && back.guests.allSatisfy { !$0.freshness.isStale })
    }
    await simulator.shutdown()
  }

  @Test("A poll that hangs makes everything stale after three intervals")
  func noticesHangingPolls() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      simulator.inject(Fault(.hang, path: "/cluster/resources"))
      let stale = try await discovery.cluster("stale") { $0.freshness?.isStale == true }
      #expect(stale.error?.contains("three intervals") == true)
    }
    await simulator.shutdown()
  }

  @Test("A failing or hanging guest affects no other", arguments: [true, false])
  func isolatesAGuest(hangs: Bool) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 20))
    simulator.inject(
      Fault(hangs ? .hang : .status(500, "lxc-info: broken"), path: "/nodes/pve1/lxc/103/interfaces"))
    var configuration = RunningDiscovery.quick
    configuration.requestTimeout = .seconds(2)
    try await RunningDiscovery.run(simulator.entry(), configuration: configuration) { discovery in
      let cluster = try await discovery.cluster("the others") { cluster in
        cluster.guests.count == 20
          && cluster.guests.allSatisfy { guest in
            guest.id.vmid == 103
              || guest.freshness.error == nil && (!guest.status.isRunning || !guest.addresses.isEmpty)
          }
      }
      #expect(cluster.error == nil)
      let broken = try await discovery.guest(103, "its error") { $0.freshness.error != nil }
      #expect(broken.name == "cache-103" && broken.addresses.isEmpty)
    }
    await simulator.shutdown()
  }

  @Test("A late answer is not applied to another guest with a reused VMID")
  func dropsOutdatedAnswers() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 2))
    simulator.inject(Fault(.delay(.milliseconds(500)), path: "/nodes/pve1/lxc/101/interfaces"))
    simulator.inject(Fault(.hang, path: "/nodes/pve1/qemu/101"))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await eventually("asked") { simulator.count(of: "/lxc/101/interfaces") > 0 ? () : nil }
      simulator.update { cluster in
        cluster.remove(101)
        cluster.add(.virtualMachine(101, "another", on: "pve1", address: "127.64.40.1"))
      }
      try await discovery.guest(101, "another") { $0.type == .qemu }
      try await discovery.polls(10, of: simulator)
      #expect(discovery.service.snapshot.guests(withVMID: 101).map(\.addresses) == [[]])
    }
    await simulator.shutdown()
  }

  @Test("The next endpoint is tried within the same poll, and kept while it works")
  func failsOver() async throws {
    let dead = try await PVESimulator.start(cluster: .sample(guests: 1), configuration: .ownAddress)
    await dead.pause()
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 5))
    let entry = try simulator.entry(endpoints: [dead.url, simulator.url])
    try await RunningDiscovery.run(entry) { discovery in
      let cluster = try await discovery.cluster("read") { $0.guests.count == 5 && $0.error == nil }
      #expect(cluster.endpoint == simulator.url)
    }
    await dead.shutdown()
    await simulator.shutdown()
  }

  @Test("Equal node names and VMIDs of two clusters are distinguished; an unreachable one does not delay the other")
  func keepsClustersApart() async throws {
    let first = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 3, name: nil))
    let second = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 2, name: nil))
    let dead = try await PVESimulator.start(cluster: .sample(), configuration: .ownAddress)
    await dead.pause()
    try await RunningDiscovery.run(
      first.entry(named: "attic"), second.entry(named: "cellar"), dead.entry(named: "gone")
    ) { discovery in
      try await discovery.settle("attic")
      try await discovery.settle("cellar")
      try await discovery.cluster("its error", of: "gone") { $0.error != nil && !$0.wasRead }
      let snapshot = discovery.service.snapshot
      #expect(snapshot.clusters.map(\.name) == ["attic", "cellar", "gone"])
      #expect(
        snapshot.clusters.flatMap(\.nodes).filter { $0.id.name == "pve1" }.map(\.id.cluster) == ["attic", "cellar"])
      #expect(snapshot.guests(withVMID: 101).count == 2 && snapshot.guests(withVMID: 103).count == 1)
      #expect(!snapshot.isComplete)
    }
    for simulator in [first, second, dead] { await simulator.shutdown() }
  }

  @Test("One cluster in two entries is an error on the second")
  func refusesTwins() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 5))
    try await RunningDiscovery.run(simulator.entry(named: "a"), simulator.entry(named: "b")) { discovery in
      let twin = try await discovery.cluster("reported as the same", of: "b") { $0.error?.contains("'a'") == true }
      #expect(twin.nodes.isEmpty && twin.guests.isEmpty && twin.wasRead)
      #expect(discovery.service.snapshot.cluster("a")?.guests.count == 5)
    }
    await simulator.shutdown()
  }

  @Test("Without Sys.Audit, names and guests are known, and the node reports the missing privilege")
  func worksWithoutSysAudit() async throws {
    var cluster = SimulatedCluster.sample(guests: 5)
    cluster.tokens[0].permissions = Permissions(["/vms": .init(["VM.Audit"])])
    let simulator = try await PVESimulator.start(cluster: cluster)
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      let snapshot = try await discovery.cluster("notes") { cluster in
        cluster.nodes.count == 3 && cluster.nodes.allSatisfy { $0.notes.contains { $0.contains("Sys.Audit") } }
          && cluster.error == nil
      }
      #expect(snapshot.guests.count == 5)
    }
    await simulator.shutdown()
  }

  @Test("With a wrong pin nothing is read and the token is not sent; refused credentials are named")
  func refusesWrongPins() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample())
    var entry = try simulator.entry()
    entry.trust = .fingerprints([try #require(CertificateFingerprint(String(repeating: "0F", count: 32)))])
    try await RunningDiscovery.run(entry) { discovery in
      let cluster = try await discovery.cluster("the fingerprint") { $0.error?.contains(simulator.fingerprint) == true }
      #expect(!cluster.wasRead)
    }
    #expect(simulator.credentialCount == 0)
    entry = try simulator.entry()
    entry.credentials = .token(id: "pvescout@pve!agent", secret: "not-the-secret")
    try await RunningDiscovery.run(entry) { discovery in
      let cluster = try await discovery.cluster("the token") { $0.error?.contains("pvescout@pve!agent") == true }
      #expect(cluster.error?.contains("not-the-secret") == false && !cluster.wasRead)
    }
    await simulator.shutdown()
  }

  @Test("A new configuration adds and removes clusters, and does not affect the others")
  func reconfigures() async throws {
    let kept = try await PVESimulator.start(cluster: .sample(guests: 3))
    let other = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 2, name: nil))
    try await RunningDiscovery.run(kept.entry(named: "kept"), other.entry(named: "old")) { discovery in
      try await discovery.settle("kept")
      try await discovery.settle("old")
      try await discovery.cluster("members known", of: "kept") { $0.pveName != nil }
      let reads = kept.count(of: "/version")
      discovery.service.reconfigure(
        clusters: [try other.entry(named: "new"), try kept.entry(named: "kept")], configuration: RunningDiscovery.quick)
      try await discovery.settle("new")
      #expect(discovery.service.snapshot.clusters.map(\.name) == ["new", "kept"])
      try await discovery.polls(2, of: kept)
      #expect(kept.count(of: "/version") == reads)
      var slower = RunningDiscovery.quick
      slower.interval = .milliseconds(50)
      discovery.service.reconfigure(clusters: [try kept.entry(named: "kept")], configuration: slower)
      #expect(discovery.service.snapshot.cluster("kept")?.guests.count == 3)
      try await discovery.polls(2, of: kept)
      #expect(discovery.service.snapshot.cluster("kept")?.guests.count == 3)
    }
    await kept.shutdown()
    await other.shutdown()
  }

  @Test("A cluster with changed access remains as stale until it is read", arguments: Renewal.allCases)
  func keepsAReconfiguredCluster(_ renewal: Renewal) async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 3))
    let entry = try simulator.entry()
    var renewed = entry
    switch renewal {
    case .secret: renewed.credentials = .token(id: "pvescout@pve!agent", secret: "another")
    case .trust: renewed.trust = .insecure
    case .endpoints: renewed.endpoints = [simulator.url(on: "127.64.0.9"), simulator.url]
    }
    // Slow, so that no hanging poll makes it stale before the configuration does.
    var configuration = RunningDiscovery.quick
    configuration.interval = .seconds(60)
    try await RunningDiscovery.run(entry, configuration: configuration) { discovery in
      try await discovery.settle()
      simulator.inject(Fault(.hang, path: "/cluster/resources"))
      discovery.service.reconfigure(clusters: [renewed], configuration: configuration)
      let stale = try await discovery.cluster("stale or unread") { !$0.wasRead || $0.freshness?.isStale == true }
      #expect(stale.guests.map(\.id.vmid) == [101, 102, 103])
      #expect(stale.guests.contains { !$0.addresses.isEmpty } && stale.error?.contains("configuration") == true)
      simulator.clearFaults()
      discovery.service.reconfigure(clusters: [entry], configuration: configuration)
      try await discovery.cluster("fresh") { $0.guests.count == 3 && $0.error == nil && $0.freshness?.isStale == false }
    }
    await simulator.shutdown()
  }

  enum Renewal: CaseIterable { case secret, trust, endpoints }

  @Test("A cluster of the same name with none of its endpoints starts unread")
  func resetsAnotherCluster() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 3))
    let other = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 2))
    other.inject(Fault(.hang, path: "/cluster/resources"))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      discovery.service.reconfigure(clusters: [try other.entry()], configuration: RunningDiscovery.quick)
      let unread = try await discovery.cluster("unread") { !$0.wasRead }
      #expect(unread.guests.isEmpty)
    }
    await simulator.shutdown()
    await other.shutdown()
  }

  @Test("Each subscriber receives the current snapshot first, and then the newest")
  func streamsSnapshots() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 3))
    try await RunningDiscovery.run(simulator.entry()) { discovery in
      try await discovery.settle()
      var generation: UInt64 = 0
      for await snapshot in discovery.service.snapshots() {
        #expect(snapshot.generation > generation)
        #expect(snapshot.cluster("home")?.guests.count == 3)
        if generation > 0 { break }
        generation = snapshot.generation
      }
    }
    await simulator.shutdown()
  }
}
