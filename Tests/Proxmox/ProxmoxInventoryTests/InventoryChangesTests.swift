import Foundation
import ProxmoxInventory
import RouteModel
import Testing

@Suite("InventoryChanges") struct InventoryChangesTests {
  @Test("A difference of freshness or uptime alone is no change")
  func ignoresFreshnessAndUptime() throws {
    var later = try guest(101, "plex", at: "10.0.0.5")
    later.uptime = .seconds(20)
    later.freshness = Freshness(asOf: .now, isStale: true, error: "timed out")
    var laterNode = try node("pve1", at: "10.0.0.1")
    laterNode.freshness = later.freshness
    let changes = InventoryChanges(
      from: inventory(nodes: [try node("pve1", at: "10.0.0.1")], guests: [try guest(101, "plex", at: "10.0.0.5")]),
      to: inventory(nodes: [laterNode], guests: [later]))
    #expect(changes.isEmpty)
  }

  @Test("Additions, removals and changes are reported in order, with both states")
  func reportsChanges() throws {
    let changes = InventoryChanges(
      from: inventory(
        nodes: [try node("pve1"), try node("pve2")],
        guests: [try guest(101, "plex"), try guest(102, "gone"), try guest(103, "moves")]),
      to: inventory(
        nodes: [try node("pve1", at: "10.0.0.1"), try node("pve3")],
        guests: [try guest(100, "new"), try guest(101, "plex"), try guest(103, "moves", node: "pve2")]))
    #expect(changes.nodes.map(\.id.name) == ["pve1", "pve2", "pve3"])
    #expect(changes.nodes.map { $0.before == nil } == [false, false, true])
    #expect(changes.nodes.map { $0.after == nil } == [false, true, false])
    #expect(changes.guests.map(\.id.vmid) == [100, 102, 103])
    #expect(changes.guests.last?.before?.node == "pve1")
    #expect(changes.guests.last?.after?.node == "pve2")
    #expect(!changes.completenessChanged)
  }

  @Test("Every visible property of a guest counts as a change", arguments: visibleChanges.indices)
  func reportsEveryChange(_ index: Int) throws {
    let before = try guest(101, "plex", at: "10.0.0.5")
    var after = before
    visibleChanges[index](&after)
    let others = [try guest(100, "a", at: "10.0.0.1"), try guest(102, "b", at: "10.0.0.2")]
    let changes = InventoryChanges(
      from: inventory(guests: [others[0], before, others[1]]), to: inventory(guests: [others[0], after, others[1]]))
    #expect(changes.guests.map(\.after) == [after])
  }

  @Test("A change is found at any position among many guests", arguments: [0, 7, 8, 15, 16, 39])
  func findsAChangeAmongMany(_ position: Int) throws {
    let guests = try (0..<40).map { try guest(100 + $0, "app-\($0)") }
    var (changed, shorter) = (guests, guests)
    changed[position] = try guest(100 + position, "other")
    shorter.remove(at: position)
    for (before, after) in [(guests, changed), (guests, shorter), (shorter, guests)] {
      let (before, after) = (inventory(guests: before), inventory(guests: after))
      let changes = InventoryChanges(from: before, to: after)
      #expect(changes.guests.map(\.id.vmid) == [100 + position])
      #expect(InventoryChanges(from: after, to: after).isEmpty)
    }
  }

  @Test("Adding and removing clusters adds and removes their nodes and guests")
  func reportsWholeClusters() throws {
    let (home, shed) = (
      cluster(nodes: [try node("pve1")], guests: [try guest(100, "a")]),
      cluster("shed", nodes: [try node("pve1", cluster: "shed")], guests: [try guest(100, "b", cluster: "shed")])
    )
    let changes = InventoryChanges(
      from: InventorySnapshot(clusters: [home]), to: InventorySnapshot(clusters: [shed]))
    #expect(changes.nodes.map(\.id.cluster) == ["home", "shed"])
    #expect(changes.nodes.map { $0.after == nil } == [true, false])
    #expect(changes.guests.map(\.id.cluster) == ["home", "shed"])
    #expect(changes.guests.map { $0.after == nil } == [true, false])
  }

  @Test("A removed guest has the cluster's reason")
  func reportsReasons() throws {
    let before = inventory(guests: [try guest(101, "plex"), try guest(102, "wiki")])
    var after = cluster()
    after.departures.record(101, because: "it was destroyed")
    let changes = InventoryChanges(from: before, to: InventorySnapshot(clusters: [after]))
    #expect(changes.guests.map(\.reason) == ["it was destroyed", nil])
    after.nodeDepartures.record("pve2", because: "it has left the cluster")
    let nodes = InventoryChanges(
      from: inventory(nodes: [try node("pve1"), try node("pve2")], guests: []),
      to: InventorySnapshot(clusters: [after]))
    #expect(nodes.nodes.map(\.reason) == [nil, "it has left the cluster"])
  }

  @Test("It is reported when all addresses are known")
  func reportsTheEndOfTheFirstRound() {
    var before = cluster()
    before.awaitsAddresses = true
    let (waiting, done) = (InventorySnapshot(clusters: [before]), InventorySnapshot(clusters: [cluster()]))
    #expect(InventoryChanges(from: waiting, to: done).completenessChanged)
    #expect(!InventoryChanges(from: waiting, to: waiting).completenessChanged)
  }

  @Test("The first read of a cluster is reported, whether or not all are read")
  func reportsCompleteness() {
    let none = InventorySnapshot(clusters: [cluster("a", read: false), cluster("b", read: false)])
    let first = InventorySnapshot(clusters: [cluster("a"), cluster("b", read: false)])
    #expect(InventoryChanges(from: none, to: first).completenessChanged)
    #expect(!InventoryChanges(from: first, to: first).completenessChanged)
    #expect(InventoryChanges(from: .empty, to: none).completenessChanged)
  }
}

private let visibleChanges: [@Sendable (inout Guest) -> Void] = [
  { $0.type = .qemu }, { $0.name = nil }, { $0.name = "plex2" }, { $0.node = "pve2" }, { $0.status = .stopped },
  { $0.isTemplate = true }, { $0.tags = ["media"] }, { $0.lock = "backup" }, { $0.pool = "home" },
  { $0.haState = "started" }, { $0.addresses = [] }, { $0.addresses[0].interface = "eth1" },
  { $0.addresses[0].source = .config }, { $0.addresses[0].card = 1 },
]
