import Foundation
import ProxmoxInventory
import RouteModel
import Testing

@testable import ProxmoxAPI
@testable import ProxmoxDiscovery

@Suite("InventoryBuilder") struct InventoryBuilderTests {
  private let endpoint = "https://127.64.0.11:8006"

  @Test("The list becomes nodes and guests, sorted whatever its order")
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
    #expect(snapshot.guests.map(\.status) == [GuestStatus("paused"), .stopped])
    #expect(snapshot.guests.map(\.isTemplate) == [true, false])
    #expect(snapshot.guests[1].tags == ["x", "y"])
    #expect(snapshot.endpoint == endpoint && snapshot.error == nil && snapshot.freshness?.isStale == false)
  }

  @Test("Before the first answer nothing is known but the error")
  func knowsNothingYet() {
    var builder = InventoryBuilder(name: "home")
    #expect(!builder.snapshot().wasRead)
    builder.markStale("refused")
    #expect(!builder.snapshot().wasRead && builder.snapshot().error == "refused")
  }

  @Test("After a failed poll everything stays, marked; the next answer clears it")
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

  @Test("A number that another guest got does not inherit name or addresses")
  func noticesReusedNumbers() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","name":"plex","status":"running"}"#)
    builder.book.record(try reading("127.64.1.1"), of: guest(101))
    builder.accept(try resources(#"{"type":"qemu","vmid":101,"node":"pve1"}"#), from: endpoint, at: .now)
    let guest = builder.snapshot().guests[0]
    #expect(guest.type == .qemu && guest.name == nil && guest.addresses.isEmpty)
  }

  @Test("A failed read keeps the addresses and tells its error for that guest alone")
  func keepsAddresses() throws {
    var builder = try build(
      #"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#)
    builder.book.record(try reading("127.64.1.1"), of: guest(101))
    builder.book.record(try reading("127.64.1.2"), of: guest(102))
    builder.book.record(.init(outcome: .failed, addresses: nil, error: "timed out"), of: guest(101))
    let guests = builder.snapshot().guests
    #expect(guests.map { $0.addresses.map(\.address.description) } == [["127.64.1.1"], ["127.64.1.2"]])
    #expect(guests.map(\.freshness.error) == ["timed out", nil])
    #expect(guests.map(\.freshness.isStale) == [true, false])
    builder.book.record(try reading(), of: guest(101))
    #expect(builder.snapshot().guests[0].addresses.isEmpty && builder.snapshot().guests[0].freshness.error == nil)
  }

  @Test("A stopped guest whose read fails keeps what its configuration told, and nothing that it had while it ran")
  func forgetsRuntimeAddresses() throws {
    var builder = try build(#"{"type":"lxc","vmid":101,"node":"pve1","status":"stopped"}"#)
    var known = try reading("127.64.1.1")
    known.addresses?.append(
      GuestAddress(try #require(IPAddress("127.64.1.2")), interface: "eth1", source: .config))
    builder.book.record(known, of: guest(101))
    builder.book.record(
      .init(outcome: .nodeUnreachable, addresses: nil, error: "595"), of: guest(101, isRunning: false))
    #expect(builder.book.addresses(of: 101).count == 2)
    builder.book.record(.init(outcome: .failed, addresses: nil, error: "403"), of: guest(101, isRunning: false))
    #expect(builder.book.addresses(of: 101).map(\.address.description) == ["127.64.1.2"])
    #expect(builder.snapshot().guests[0].freshness.isStale)
  }

  @Test("An empty list is not believed for two polls")
  func doubtsEmptyLists() throws {
    var builder = try build(#"{"type":"node","node":"pve1"}"#, #"{"type":"lxc","vmid":101,"node":"pve1"}"#)
    let empty = try resources(#"{"type":"node","node":"pve1"}"#)
    for _ in 1...2 {
      builder.accept(empty, from: endpoint, at: .now)
      let guest = try #require(builder.snapshot().guests.first)
      #expect(guest.freshness.isStale && guest.freshness.error?.contains("VM.Audit") == true)
    }
    builder.accept(empty, from: endpoint, at: .now)
    #expect(builder.snapshot().guests.isEmpty)
  }

  @Test("A guest that is gone while others stay is gone at once")
  func removesGuests() throws {
    var builder = try build(
      #"{"type":"lxc","vmid":101,"node":"pve1"}"#, #"{"type":"lxc","vmid":102,"node":"pve1"}"#)
    builder.accept(try resources(#"{"type":"lxc","vmid":102,"node":"pve1"}"#), from: endpoint, at: .now)
    #expect(builder.snapshot().guests.map(\.id.vmid) == [102])
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
    "Only an IP literal of an endpoint is an address",
    arguments: [
      ("https://127.64.0.1:8006", "127.64.0.1"), ("https://[::1]:8006", "::1"), ("https://127.64.0.1", "127.64.0.1"),
      ("https://pve.home.example:8006", nil), ("127.64.0.1", nil), ("https://", nil),
    ])
  func readsHosts(url: String, address: String?) {
    #expect(InventoryBuilder.address(ofHostIn: url)?.description == address)
  }

  private func build(_ rows: String...) throws -> InventoryBuilder {
    var builder = InventoryBuilder(name: "home")
    builder.accept(try resources(rows), from: endpoint, at: Date(timeIntervalSince1970: 1_700_000_000))
    return builder
  }

  private func resources(_ rows: String...) throws -> ClusterResources { try resources(rows) }

  private func resources(_ rows: [String]) throws -> ClusterResources {
    try ClusterResources(decoding: Array(#"{"data":[\#(rows.joined(separator: ","))]}"#.utf8))
  }

  private func guest(_ vmid: VMID, isRunning: Bool = true) -> AddressPlan.GuestRead {
    .init(vmid: vmid, node: "pve1", isQEMU: false, isRunning: isRunning)
  }

  private func reading(_ addresses: String...) throws -> AddressReader.Reading {
    let found = try addresses.map {
      GuestAddress(try #require(IPAddress($0)), interface: "eth0", source: .interfaces)
    }
    return .init(outcome: .complete, addresses: found, error: nil)
  }

  private func json(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }
}
