import RouteModel
import Testing

@testable import ProxmoxInventory

@Suite("InventorySnapshot") struct InventorySnapshotTests {
  @Test("A name matches guests by its labels", arguments: nameRows)
  func matchesNames(_ row: NameRow) throws {
    let inventory = inventory(guests: [
      try guest(101, "plex"), try guest(102, "Sonarr.Home.Example"), try guest(103, "10.0.0.5"), try guest(104, nil),
      try guest(105, ""), try guest(106, "10"), try guest(107, "both"), try guest(108, "both.home.example"),
    ])
    #expect(inventory.vmids(named: row.query) == row.found)
  }

  @Test("A name matches nodes by their bare names")
  func matchesNodeNames() throws {
    let inventory = inventory(nodes: [try node("pve1"), try node("PVE2")])
    #expect(inventory.nodeNames(named: "PVE1") == ["pve1"])
    #expect(inventory.nodeNames(named: "pve2.home.example") == ["PVE2"])
    #expect(inventory.nodeNames(named: "pve3").isEmpty)
  }

  @Test("Templates match nothing, but can be found by identity")
  func hidesTemplates() throws {
    let inventory = inventory(guests: [try guest(900, "base", .stopped, template: true, at: "10.0.0.9")])
    #expect(inventory.vmids(named: "base").isEmpty)
    #expect(try inventory.vmids(at: "10.0.0.9").isEmpty)
    #expect(inventory.guests(withVMID: 900).isEmpty)
    #expect(inventory.guest(GuestID(cluster: "home", vmid: 900))?.isTemplate == true)
  }

  @Test(
    "Addresses that identify no machine match nothing",
    arguments: [
      ("lo", "127.0.0.1"), ("lo", "10.0.0.1"), ("docker0", "172.17.0.1"), ("br-1f2e", "172.18.0.1"),
      ("veth12", "10.9.0.1"), ("eth0", "fe80::1"), ("eth0", "169.254.3.4"), ("eth0", "127.0.0.1"), ("eth0", "0.0.0.0"),
      ("eth0", "::1"), ("eth0", "224.0.0.5"), ("eth0", "255.255.255.255"), ("eth0", "0.0.0.7"), ("eth0", "ff02::1"),
    ])
  func ignoresInsignificantAddresses(interface: String, text: String) throws {
    let inventory = inventory(guests: [try guest(101, "a", on: interface, at: text)])
    #expect(try inventory.vmids(at: text).isEmpty)
  }

  @Test(
    "Every other address matches its guest",
    arguments: ["127.0.1.5", "100.64.0.7", "203.0.113.9", "fd00::5", "2001:db8::1", "::ffff:10.0.0.7"])
  func findsByAddress(text: String) throws {
    let inventory = inventory(guests: [try guest(101, "a", at: text), try guest(102, "b", at: "10.0.0.200")])
    #expect(try inventory.vmids(at: text) == [101])
  }

  @Test("A stopped guest's address matches only if no running guest has it")
  func prefersRunningGuests() throws {
    let stopped = try guest(101, "old", .stopped, at: "10.0.0.5")
    #expect(try inventory(guests: [stopped]).vmids(at: "10.0.0.5") == [101])
    let both = inventory(guests: [
      stopped, try guest(102, "new", at: "10.0.0.5"), try guest(103, "twin", at: "10.0.0.5"),
    ])
    #expect(try both.vmids(at: "10.0.0.5") == [102, 103])
  }

  @Test("One address on two interfaces is one match")
  func countsAGuestOnce() throws {
    let inventory = inventory(guests: [try guest(101, "a", at: "10.0.0.5", "10.0.0.5")])
    #expect(try inventory.vmids(at: "10.0.0.5").count == 1)
  }

  @Test("A node's link-local and localhost addresses match nothing")
  func findsNodesByAddress() throws {
    let inventory = inventory(nodes: [try node("pve1", at: "10.0.0.1", "fe80::2", "127.0.0.1")])
    #expect(try inventory.nodeNames(at: "10.0.0.1") == ["pve1"])
    #expect(try inventory.nodeNames(at: "fe80::2").isEmpty)
    #expect(try inventory.nodeNames(at: "127.0.0.1").isEmpty)
  }

  @Test("Equal node names and VMIDs of two clusters are distinguished, in the order of the configuration")
  func keepsClustersApart() throws {
    let inventory = InventorySnapshot(clusters: [
      cluster("b", nodes: [try node("pve", cluster: "b")], guests: [try guest(100, "x", cluster: "b", at: "10.0.0.5")]),
      cluster("a", nodes: [try node("pve", cluster: "a")], guests: [try guest(100, "x", cluster: "a", at: "10.0.0.5")]),
    ])
    #expect(
      inventory.resources(of: inventory.matches(name: "pve".utf8.span, NameKey("pve")).nodes).map(\.cluster) == [
        "b", "a",
      ])
    #expect(inventory.guests(withVMID: 100).map(\.id.cluster) == ["b", "a"])
    #expect(
      inventory.resources(of: inventory.matches(name: "x".utf8.span, NameKey("x")).guests).map(\.cluster) == ["b", "a"])
    #expect(inventory.node(NodeID(cluster: "a", name: "pve"))?.id.cluster == "a")
    #expect(inventory.guest(GuestID(cluster: "a", vmid: 100))?.id.cluster == "a")
    #expect(inventory.node(NodeID(cluster: "a", name: "PVE")) == nil)
    #expect(inventory.guest(GuestID(cluster: "c", vmid: 100)) == nil)
  }

  @Test("Complete once every configured cluster was read")
  func reportsCompleteness() {
    #expect(InventorySnapshot.empty.isComplete)
    #expect(InventorySnapshot(clusters: [cluster("a")]).isComplete)
    #expect(!InventorySnapshot(clusters: [cluster("a"), cluster("b", read: false)]).isComplete)
  }
}

struct NameRow: Sendable {
  var query: String
  var found: [VMID] = []
}

private let nameRows: [NameRow] = [
  NameRow(query: "plex", found: [101]),
  NameRow(query: "PLEX", found: [101]),
  NameRow(query: "plex.", found: [101]),
  NameRow(query: "plex.home.example", found: [101]),
  NameRow(query: "plex.anything.else", found: [101]),
  NameRow(query: "sonarr", found: [102]),
  NameRow(query: "sonarr.home.example", found: [102]),
  NameRow(query: "sonarr.other.example"),
  NameRow(query: "10", found: [106]),
  NameRow(query: ""),
  NameRow(query: "nobody"),
  NameRow(query: "both", found: [107]),
  NameRow(query: "BOTH.home.example.", found: [108]),
  NameRow(query: "both.other.example", found: [107]),
]
