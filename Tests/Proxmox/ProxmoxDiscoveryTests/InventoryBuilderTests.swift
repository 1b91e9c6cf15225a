import Foundation
import JSONDocument
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxAPI
@testable import ProxmoxDiscovery

@Suite("InventoryBuilder") struct InventoryBuilderTests {
  private let endpoint = "https://127.64.0.11:8006"

  @Test("The list becomes sorted nodes and guests, in any order of the input")
  func buildsASnapshot() throws {
    let snapshot = try build(
      #"{"type":"lxc","vmid":1001,"node":"pve2","name":"b","status":"stopped","tags":"x;y"}"#,
      #"{"type":"qemu","vmid":101,"node":"pve1","name":"a","status":"paused","template":1}"#,
      #"{"type":"node","node":"pve2","status":"offline"}"#, #"{"type":"node","node":"pve1","status":"strange"}"#,
      #"{"type":"lxc","vmid":1001,"node":"pve2","name":"again"}"#
    ).snapshot()
    #expect(snapshot.nodes.map(\.id.name) == ["pve1", "pve2"])
    #expect(snapshot.nodes.map(\.status) == [.unknown, .offline])
    #expect(snapshot.guests.map(\.id.vmid) == [101, 1001])
    #expect(snapshot.guests.map(\.status) == [GuestStatus("paused"), .unknown], "pve2 is offline")
    #expect(snapshot.guests.map(\.isTemplate) == [true, false])
    #expect(snapshot.guests[1].tags == ["x", "y"])
    #expect(snapshot.endpoint == endpoint && snapshot.error == nil && snapshot.freshness?.isStale == false)
  }

  @Test("Before the first answer, only the error is known")
  func knowsNothingYet() {
    var builder = InventoryBuilder(inLab: "home")
    #expect(!builder.snapshot().wasRead)
    builder.markStale("refused")
    #expect(!builder.snapshot().wasRead && builder.snapshot().error == "refused")
  }

  @Test("After a failed poll, everything remains, marked as stale; the next answer clears that")
  func marksStale() throws {
    var builder = try build(#"{"type":"node","node":"pve1"}"#, #"{"type":"lxc","vmid":101,"node":"pve1"}"#)
    let before = builder.snapshot()
    builder.markStale("refused")
    let stale = builder.snapshot()
    #expect(stale.guests.map(\.id) == before.guests.map(\.id))
    #expect(stale.error == "refused" && stale.freshness?.isStale == true)
    #expect(stale.guests[0].freshness.isStale && stale.guests[0].freshness.error == "refused")
    #expect(stale.nodes[0].freshness.isStale && stale.nodes[0].freshness.asOf == before.nodes[0].freshness.asOf)
    builder.accept(builder.resources, from: endpoint, at: .now)
    #expect(builder.snapshot().error == nil && !builder.snapshot().guests[0].freshness.isStale)
  }

  @Test("A guest without a name keeps the one it had")
  func keepsNames() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","name":"plex","status":"running"}"#)
    builder.accept(
      try resources(#"{"type":"lxc","vmid":101,"node":"pve1","status":"unknown"}"#), from: endpoint, at: .now)
    #expect(builder.snapshot().guests[0].name == "plex")
    #expect(builder.snapshot().guests[0].status == .unknown)
  }

  @Test("A reused VMID does not inherit name or addresses")
  func noticesReusedNumbers() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","name":"plex","status":"running"}"#)
    builder.record(try reading("127.64.1.1"), of: guest(101))
    builder.accept(try resources(#"{"type":"qemu","vmid":101,"node":"pve1"}"#), from: endpoint, at: .now)
    let guest = builder.snapshot().guests[0]
    #expect(guest.type == .qemu && guest.name == nil && guest.addresses.isEmpty)
  }

  @Test("A failed read keeps the addresses and sets the error of that guest only")
  func keepsAddresses() throws {
    var builder = try build(
      #"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#)
    builder.record(try reading("127.64.1.1"), of: guest(101))
    builder.record(try reading("127.64.1.2"), of: guest(102))
    builder.record(AddressReading(shortfall: .failed("timed out")), of: guest(101))
    let guests = builder.snapshot().guests
    #expect(guests.map { $0.addresses.map(\.address.description) } == [["127.64.1.1"], ["127.64.1.2"]])
    #expect(guests.map(\.freshness.error) == ["timed out", nil])
    #expect(guests.map(\.freshness.isStale) == [true, false])
    builder.record(try reading(), of: guest(101))
    #expect(builder.snapshot().guests[0].addresses.isEmpty && builder.snapshot().guests[0].freshness.error == nil)
  }

  @Test("A read reports its changes, and none if there are none")
  func distinguishesNewsFromRoutine() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1"}"#)
    let failed = AddressReading(shortfall: .failed("timed out"))
    let readings: [(AddressReading, AddressBook.News)] = [
      (try reading("127.64.1.1"), .addresses), (try reading("127.64.1.1"), .none), (failed, .state), (failed, .none),
      (AddressReading(shortfall: .failed("500")), .state), (try reading("127.64.1.1"), .state),
      (try reading("127.64.1.2"), .addresses), (try reading(), .addresses), (try reading(), .none),
    ]
    for (index, (reading, news)) in readings.enumerated() {
      let before = builder.snapshot()
      #expect(builder.record(reading, of: guest(101)) == news, "reading \(index)")
      let (guest, known) = (builder.snapshot().guests[0], before.guests[0])
      let looksSame = guest.addresses == known.addresses && guest.freshness == known.freshness
      #expect(looksSame == (news == .none), "reading \(index)")
    }
  }

  @Test("That a node cannot be reached is news once, as is that it can be again")
  func reportsNewsOfNodes() {
    var facts = NodeFacts()
    let errors: [(String?, Bool)] = [
      (nil, false), ("595", true), ("595", false), ("596", true), (nil, true), (nil, false),
    ]
    for (error, isNews) in errors { #expect(facts.record(reachError: error, of: "pve1") == isNews) }
  }

  @Test("A stopped guest with a failed read keeps only its configured addresses")
  func forgetsRuntimeAddresses() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","status":"stopped"}"#)
    var known = try reading("127.64.1.1")
    known.addresses?.append(
      GuestAddress(try #require(IPAddress("127.64.1.2")), interface: "eth1", source: .config))
    builder.record(known, of: guest(101))
    builder.record(
      AddressReading(shortfall: .nodeUnreachable("595")), of: guest(101, isRunning: false))
    #expect(builder.book.addresses(of: 101).count == 2)
    builder.record(AddressReading(shortfall: .failed("403")), of: guest(101, isRunning: false))
    #expect(builder.book.addresses(of: 101).map(\.address.description) == ["127.64.1.2"])
    #expect(builder.snapshot().guests[0].freshness.isStale)
  }

  @Test(
    "A guest that is not listed stays, stale, for two polls, and then goes with the reason", arguments: [true, false])
  func doubtsShorterLists(isEmpty: Bool) throws {
    let rows = [#"{"type":"node","node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#]
    let listed = try resources(isEmpty ? [rows[0]] : rows)
    var builder = InventoryBuilder(inLab: "home")
    builder.accept(try resources(rows + [#"{"type":"lxc","vmid":101,"node":"pve1"}"#]), from: endpoint, at: .now)
    for poll in 1...2 {
      builder.accept(listed, from: endpoint, at: .now)
      let guests = builder.snapshot().guests
      #expect(guests.map(\.id.vmid) == [101, 102])
      #expect(guests[0].freshness.isStale && guests[0].freshness.error?.contains("VM.Audit") == true)
      #expect(guests[1].freshness.isStale == isEmpty)
      if poll == 1 { builder.explainMissing(101, "VM.Audit on /vms/101 is not granted") }
    }
    builder.accept(listed, from: endpoint, at: .now)
    #expect(builder.snapshot().guests.map(\.id.vmid) == (isEmpty ? [] : [102]))
    #expect(builder.snapshot().departures[101] == "VM.Audit on /vms/101 is not granted")
    #expect(builder.snapshot().departures[102] == (isEmpty ? "PVE did not list it for 3 polls" : nil))
  }

  @Test("A guest that is listed again in its grace is as fresh as before")
  func forgivesAGap() throws {
    let rows = [#"{"type":"node","node":"pve1"}"#, #"{"type":"lxc","vmid":101,"node":"pve1"}"#]
    var builder = InventoryBuilder(inLab: "home")
    for listed in [rows, [rows[0]], rows, [rows[0]], [rows[0]]] {
      builder.accept(try resources(listed), from: endpoint, at: .now)
    }
    #expect(builder.snapshot().guests.map(\.id.vmid) == [101], "each gap has a grace of its own")
    builder.accept(try resources(rows), from: endpoint, at: .now)
    #expect(builder.snapshot().guests.map(\.freshness.isStale) == [false])
  }

  @Test("A guest that PVE no longer knows goes at once, and one that is listed never")
  func removesGuests() throws {
    var builder = try build(
      #"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#)
    let revision = builder.revision
    builder.accept(try resources(#"{"type":"lxc","vmid":102,"node":"pve1"}"#), from: endpoint, at: .now)
    builder.remove(102, because: "no")
    #expect(builder.snapshot().guests.map(\.id.vmid) == [101, 102] && builder.snapshot().departures[102] == nil)
    builder.remove(101, because: "it was destroyed")
    #expect(builder.snapshot().guests.map(\.id.vmid) == [102])
    #expect(builder.snapshot().departures[101] == "it was destroyed" && builder.revision > revision)
    builder.accept(
      try resources(#"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#),
      from: endpoint, at: .now)
    #expect(builder.snapshot().departures[101] == nil)
  }

  @Test("A node that is not listed stays, stale, for two polls while guests are on it, and then goes with the reason")
  func doubtsAListWithoutANode() throws {
    let guests = [#"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve2"}"#]
    let nodes = [#"{"type":"node","node":"pve1"}"#, #"{"type":"node","node":"pve2"}"#]
    var builder = InventoryBuilder(inLab: "home")
    builder.accept(try resources(nodes + guests), from: endpoint, at: date(0))
    for poll in 1...2 {
      builder.accept(try resources([nodes[0]] + guests), from: endpoint, at: date(poll))
      let listed = builder.snapshot().nodes
      #expect(listed.map(\.id.name) == ["pve1", "pve2"] && listed.map(\.freshness.isStale) == [false, true])
      #expect(listed[1].freshness.error?.contains("guests are on it") == true)
      #expect(listed.map(\.freshness.asOf) == [date(poll), date(0)])
    }
    builder.accept(try resources([nodes[0]] + guests), from: endpoint, at: date(3))
    #expect(builder.snapshot().nodes.map(\.id.name) == ["pve1"])
    #expect(builder.snapshot().nodeDepartures["pve2"] == "PVE did not list it for 3 polls")
    builder.accept(try resources(nodes + guests), from: endpoint, at: date(4))
    #expect(builder.snapshot().nodes.count == 2 && builder.snapshot().nodeDepartures.isEmpty)
  }

  @Test("A node without guests that is not listed is gone at once, with the reason")
  func removesAnEmptyNode() throws {
    var builder = try build(#"{"type":"node","node":"pve1"}"#, #"{"type":"node","node":"pve2"}"#)
    builder.accept(try resources(#"{"type":"node","node":"pve1"}"#), from: endpoint, at: .now)
    #expect(builder.snapshot().nodes.map(\.id.name) == ["pve1"])
    #expect(builder.snapshot().nodeDepartures["pve2"]?.contains("has left the cluster") == true)
  }

  @Test("A missing guest, one that failed to answer and one on an offline node are stale since their last read")
  func reportsHowOldItIs() throws {
    let guests = (101...104).map { #"{"type":"lxc","vmid":\#($0),"node":"pve\#($0 == 104 ? 2 : 1)"}"# }
    let nodes = [#"{"type":"node","node":"pve1"}"#, #"{"type":"node","node":"pve2"}"#]
    var builder = InventoryBuilder(inLab: "home")
    builder.accept(try resources(nodes + guests), from: endpoint, at: date(0))
    builder.book.record(try reading("127.64.1.2"), of: guest(102), at: date(1))
    let offline = [nodes[0], #"{"type":"node","node":"pve2","status":"offline"}"#]
    builder.accept(try resources(offline + guests.dropFirst()), from: endpoint, at: date(2))
    builder.book.record(AddressReading(shortfall: .failed("500")), of: guest(102), at: date(3))
    builder.accept(try resources(offline + guests.dropFirst()), from: endpoint, at: date(4))
    let fresh = builder.snapshot().guests.map(\.freshness)
    #expect(fresh.map(\.isStale) == [true, true, false, true])
    #expect(fresh.map(\.asOf) == [date(0), date(1), date(4), date(0)])
    builder.facts.record(reachError: "595", of: "pve1", at: date(5))
    builder.accept(try resources(offline + guests.dropFirst()), from: endpoint, at: date(6))
    builder.facts.record(reachError: "595", of: "pve1", at: date(7))
    #expect(builder.snapshot().nodes[0].freshness.asOf == date(5))
    #expect(builder.snapshot().guests.map(\.id.vmid) == [102, 103, 104])
    #expect(builder.snapshot().guests[1].freshness.asOf == date(5))
  }

  @Test("Nothing is kept of guests that are gone, however many there were")
  func staysSmall() throws {
    var builder = try build(#"{"type":"lxc","vmid":99,"node":"pve1"}"#)
    for vmid in 100..<2000 {
      builder.accept(
        try resources(#"{"type":"lxc","vmid":\#(vmid),"node":"pve1","name":"ci-\#(vmid)"}"#), from: endpoint, at: .now)
      builder.record(try reading("127.64.1.1"), of: guest(vmid))
    }
    #expect(builder.resources.guests.count == 3, "one, and two in their grace")
    #expect(builder.book.guests.count == 3)
    let explained = (99..<2000).filter { builder.snapshot().departures[$0] != nil }
    #expect(explained.count == 256 && explained.first == 2000 - 3 - 256)
  }

  @Test("A number that was given to another guest of its kind does not inherit addresses; a rename does")
  func distinguishesReuseFromRenaming() throws {
    for (uptime, isKept) in [(1010, true), (5, false)] {
      var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","name":"a","status":"running","uptime":1000}"#)
      builder.record(try reading("127.64.1.1"), of: guest(101))
      builder.accept(
        try resources(#"{"type":"lxc","vmid":101,"node":"pve1","name":"b","status":"running","uptime":\#(uptime)}"#),
        from: endpoint, at: .now)
      #expect(builder.snapshot().guests[0].addresses.isEmpty != isKept)
    }
  }

  @Test("A guest on an offline node is not said to run, whatever PVE says for five minutes more")
  func distrustsOfflineNodes() throws {
    let guest = #"{"type":"lxc","vmid":101,"node":"pve1","name":"plex","status":"running","uptime":9}"#
    var builder = try build(#"{"type":"node","node":"pve1","status":"online"}"#, guest)
    #expect(builder.snapshot().guests[0].status == .running)
    builder.accept(
      try resources(#"{"type":"node","node":"pve1","status":"offline"}"#, guest), from: endpoint, at: .now)
    let gone = builder.snapshot().guests[0]
    #expect(gone.status == .unknown && gone.name == "plex" && gone.uptime == nil && gone.freshness.isStale)
    #expect(gone.freshness.error == "its node pve1 is offline; PVE's last word on it was 'running'")
  }

  @Test("The inventory has PVE's other information on a guest")
  func keepsTheSmallPrint() throws {
    let guest = try build(
      #"{"type":"qemu","vmid":101,"node":"pve1","status":"running","uptime":90,"lock":"backup","pool":"lab","#
        + #""hastate":"started","tags":"a;b","template":0}"#
    ).snapshot().guests[0]
    #expect(guest.uptime == .seconds(90) && guest.lock == "backup" && guest.pool == "lab")
    #expect(guest.haState == "started" && guest.tags == ["a", "b"] && !guest.isTemplate)
  }

  @Test("A node says that bridges are hidden from the token, also where its first address is known")
  func notesHiddenBridges() throws {
    var builder = try build(#"{"type":"node","node":"pve1"}"#)
    builder.facts.record(
      status: try #require(ClusterStatus(try json(#"[{"type":"node","name":"pve1","ip":"127.64.0.12"}]"#))))
    let port = try #require(NodeInterface(try json(#"{"iface":"enp1s0","type":"eth"}"#)))
    builder.facts.record(network: [port], of: "pve1")
    #expect(builder.snapshot().nodes[0].notes.first?.contains("SDN.Audit on /sdn/zones/localnetwork") == true)
    let bridge = try #require(NodeInterface(try json(#"{"iface":"lan","type":"OVSBridge","cidr":"127.64.0.13/8"}"#)))
    builder.facts.record(network: [port, bridge], of: "pve1")
    #expect(builder.snapshot().nodes[0].notes.isEmpty && builder.snapshot().nodes[0].addresses.count == 2)
  }

  @Test("A node's addresses: what the cluster says first, then its interfaces but for noise")
  func ordersNodeAddresses() throws {
    var builder = try build(#"{"type":"node","node":"pve1"}"#, #"{"type":"node","node":"pve2"}"#)
    builder.facts.record(
      status: try #require(ClusterStatus(try json(#"[{"type":"node","name":"pve1","ip":"127.64.0.12"}]"#))))
    builder.facts.record(
      network: try [
        #"{"iface":"lo","address":"127.64.9.9"}"#, #"{"iface":"docker0","address":"127.64.9.8"}"#,
        #"{"iface":"vmbr0","address":"127.64.0.11","address6":"fe80::1"}"#,
        #"{"iface":"vmbr1","cidr":"127.64.0.12/8"}"#,
      ].map { try #require(NodeInterface(try json($0))) }, of: "pve1")
    let nodes = builder.snapshot().nodes
    #expect(nodes[0].addresses.map(\.description) == ["127.64.0.12", "127.64.0.11"])
    #expect(nodes[0].notes.isEmpty && nodes[1].addresses.isEmpty)
  }

  @Test("Without Sys.Audit the endpoint's host serves for the only node, and a note says what is missing")
  func fallsBackToTheEndpoint() throws {
    var builder = try build(#"{"type":"node","node":"pve"}"#)
    let privilege = ProxmoxError.Privilege(path: "/", privileges: "Sys.Audit")
    builder.facts.record(statusError: .forbidden(privilege, "Permission check failed (/, Sys.Audit)"))
    #expect(builder.snapshot().nodes[0].addresses.map(\.description) == ["127.64.0.11"])
    #expect(builder.snapshot().nodes[0].notes.first?.contains("Sys.Audit on /") == true)
    builder.accept(
      try resources(#"{"type":"node","node":"pve"}"#, #"{"type":"node","node":"pve2"}"#), from: endpoint, at: .now)
    #expect(builder.snapshot().nodes.allSatisfy { $0.addresses.isEmpty })
  }

  @Test(
    "An address that identifies no other machine belongs to no guest and no node",
    arguments: ["127.0.0.1", "127.0.1.1", "224.0.0.5", "255.255.255.255", "0.0.0.0", "ff02::1", "::1"], [false, true])
  func refusesForeignAddresses(claimed: String, isLab: Bool) throws {
    var builder = InventoryBuilder(name: "home")
    builder.claims = AddressClaims(allowsLoopback: isLab)
    builder.accept(
      try resources(
        #"{"type":"node","node":"pve1"}"#, #"{"type":"node","node":"pve2"}"#,
        #"{"type":"lxc","vmid":101,"node":"pve1","status":"running"}"#), from: endpoint, at: .now)
    builder.record(try reading(claimed, "10.0.0.5"), of: guest(101))
    builder.facts.record(
      status: try #require(
        ClusterStatus(
          try json(#"[{"type":"node","name":"pve1","ip":"\#(claimed)"},{"type":"node","name":"pve2","ip":"10.0.0.2"}]"#)
        )))
    let interface = try #require(
      NodeInterface(try json(#"{"iface":"vmbr0","address":"10.0.0.1","address6":"\#(claimed)"}"#)))
    builder.facts.record(network: [interface], of: "pve1")
    let isAllowed = isLab && claimed == "127.0.1.1"
    let snapshot = builder.snapshot()
    #expect(
      snapshot.guests[0].addresses.map(\.address.description) == (isAllowed ? [claimed, "10.0.0.5"] : ["10.0.0.5"]))
    #expect(snapshot.nodes[0].addresses.map(\.description) == (isAllowed ? [claimed, "10.0.0.1"] : ["10.0.0.1"]))
    #expect(builder.facts.memberAddress(of: "pve1", claims: builder.claims)?.description == (isAllowed ? claimed : nil))
    #expect(snapshot.guests[0].freshness.error == nil)
  }

  @Test("A guest that claims this machine's loopback alone says that nothing else is known of it")
  func saysWhatItRefused() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","status":"running"}"#)
    builder.record(try reading("127.64.1.1"), of: guest(101))
    #expect(builder.snapshot().guests[0].freshness.error == nil)
    builder.claims = AddressClaims()
    #expect(builder.snapshot().guests[0].addresses.isEmpty)
    let error = try #require(builder.snapshot().guests[0].freshness.error)
    #expect(error.contains("127.64.1.1") && error.contains("discovery.loopback_guests"))
  }

  @Test(
    "Only an IP literal of an endpoint is an address",
    arguments: [
      ("https://127.64.0.1:8006", "127.64.0.1"), ("https://[::1]:8006", "::1"), ("https://127.64.0.1", "127.64.0.1"),
      ("https://pve.home.example:8006", nil), ("127.64.0.1", nil), ("https://", nil),
    ])
  func readsHosts(url: String, address: String?) {
    #expect(InventoryBuilder.address(ofHostIn: url)?.description == address)
  }

  private func date(_ seconds: Int) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + Double(seconds)) }

  private func build(_ rows: String...) throws -> InventoryBuilder {
    var builder = InventoryBuilder(inLab: "home")
    builder.accept(try resources(rows), from: endpoint, at: Date(timeIntervalSince1970: 1_700_000_000))
    return builder
  }

  private func resources(_ rows: String...) throws -> ClusterResources { try resources(rows) }

  private func resources(_ rows: [String]) throws -> ClusterResources {
    try ClusterResources(decoding: Array(#"{"data":[\#(rows.joined(separator: ","))]}"#.utf8))
  }

  private func guest(_ vmid: VMID, isRunning: Bool = true) -> GuestRead {
    .init(vmid: vmid, node: "pve1", isQEMU: false, isRunning: isRunning)
  }

  private func reading(_ addresses: String...) throws -> AddressReading {
    let found = try addresses.map {
      GuestAddress(try #require(IPAddress($0)), interface: "eth0", source: .interfaces)
    }
    return AddressReading(addresses: found)
  }

  private func json(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }
}

extension InventoryBuilder {
  /// For a cluster with addresses in 127.0.0.0/8.
  fileprivate init(inLab name: ClusterName) {
    self.init(name: name)
    claims = AddressClaims(allowsLoopback: true)
  }
}
