import Foundation
import HTTPTransport
import Logging
import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

@testable import ProxmoxDiscovery

@Suite("InventoryCache", .timeLimit(.minutes(5))) struct InventoryCacheTests {
  private let folder: TemporaryDirectory
  private let warnings = Warnings()

  init() throws { folder = try TemporaryDirectory() }

  @Test("The inventory survives a restart without the cluster as stale, and is fresh once the cluster is back")
  func outlivesARestart() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 8), configuration: .ownAddress)
    let entry = try simulator.entry()
    var before = ClusterSnapshot(name: "home")
    try await RunningDiscovery.run(entry, stateDirectory: folder.path) { discovery in
      try await discovery.settle()
      // The cluster's name is the last of the nodes' facts to be read.
      before = try await discovery.cluster("all addresses") { cluster in
        cluster.pveName == "home" && !cluster.awaitsAddresses && cluster.guests.allSatisfy { !$0.addresses.isEmpty }
      }
    }
    await simulator.pause()
    try await RunningDiscovery.run(entry, stateDirectory: folder.path) { discovery in
      let after = try #require(discovery.first.cluster("home"))
      #expect(after.wasRead && after.freshness?.isStale == true && !after.awaitsAddresses)
      #expect(
        after.guests.map(\.id) == before.guests.map(\.id) && after.guests.map(\.name) == before.guests.map(\.name))
      #expect(after.guests.map(\.addresses) == before.guests.map(\.addresses))
      #expect(after.nodes.map(\.addresses) == before.nodes.map(\.addresses) && after.pveName == "home")
      #expect(after.guests.allSatisfy { $0.freshness.isStale && $0.freshness.error?.contains("before") == true })
      try await discovery.cluster("why it is not read") { $0.error?.contains(simulator.url) == true }
      try await simulator.resume()
      try await discovery.cluster("fresh") { $0.freshness?.isStale == false && $0.error == nil }
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("inventory-home.json"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(
      !(try String(contentsOfFile: folder.file("inventory-home.json"), encoding: .utf8)).contains("11111111-2222"))
    await simulator.shutdown()
  }

  @Test("A foreign, newer or damaged file, or one of other endpoints, is put aside with a warning")
  func ignoresForeignFiles() async throws {
    let entry = ClusterConfiguration(
      name: "home", endpoints: ["https://127.64.0.1:8006"], credentials: .token(id: "a@pve!b", secret: "s"),
      trust: .insecure)
    let cache = InventoryCache(folder: folder.path, logger: warnings.logger)
    #expect(cache.restore(entry) == nil && warnings.texts.isEmpty, "no file is no problem")
    var builder = InventoryBuilder(name: "home")
    builder.accept(ClusterResources(), from: entry.endpoints[0], at: .now)
    #expect(await cache.save(builder, of: entry) == nil)
    #expect(cache.restore(entry) != nil && warnings.texts.isEmpty)
    let good = try String(contentsOfFile: folder.file("inventory-home.json"), encoding: .utf8)
    for bad in ["", "{}", "[1", good.replacing("\"version\":1", with: "\"version\":999"), String(good.dropLast(9))] {
      try folder.write(bad, to: "inventory-home.json")
      #expect(cache.restore(entry) == nil)
    }
    #expect(warnings.texts.count == 5)
    try folder.write(good, to: "inventory-home.json")
    var other = entry
    other.endpoints = ["https://127.64.0.2:8006"]
    #expect(cache.restore(other) == nil && warnings.texts.last?.contains("other endpoints") == true)
  }

  @Test("For any number in the file, the valid parts of the cluster are restored")
  func survivesHostileNumbers() async throws {
    let entry = ClusterConfiguration(
      name: "home", endpoints: ["https://127.64.0.1:8006"], credentials: .token(id: "a@pve!b", secret: "s"),
      trust: .insecure)
    let cache = InventoryCache(folder: folder.path, logger: warnings.logger)
    var builder = InventoryBuilder(name: "home")
    builder.accept(try Self.list(uptime: "3600"), from: entry.endpoints[0], at: .now)
    let address = GuestAddress(try #require(IPAddress("10.0.0.5")), interface: "eth0", source: .config, card: 0)
    builder.record(
      AddressReading(addresses: [address]),
      of: .init(vmid: 101, node: "pve1", isQEMU: false, isRunning: true))
    #expect(await cache.save(builder, of: entry) == nil)
    let good = try String(contentsOfFile: folder.file("inventory-home.json"), encoding: .utf8)
    var restoredCount = 0
    for (_, text) in HostileNumbers.variants(of: good) {
      try folder.write(text, to: "inventory-home.json")
      guard let restored = cache.restore(entry) else { continue }
      restoredCount += 1
      let snapshot = InventorySnapshot(clusters: [restored.snapshot()])
      #expect(snapshot.clusters[0].guests.allSatisfy { ($0.uptime ?? .zero) <= .seconds(4_000_000_000) })
      #expect((snapshot.clusters[0].freshness?.asOf ?? .now) <= .now)
      await Task.yield()
    }
    #expect(restoredCount > 20, "most damage costs a part")
    #expect(warnings.texts.count > 20)
  }

  @Test("An inventory that was saved while the clock was ahead is as old as its restart")
  func isNotOfTheFuture() async throws {
    let entry = ClusterConfiguration(
      name: "home", endpoints: ["https://127.64.0.1:8006"], credentials: .token(id: "a@pve!b", secret: "s"),
      trust: .insecure)
    let cache = InventoryCache(folder: folder.path, logger: warnings.logger)
    var builder = InventoryBuilder(name: "home")
    builder.accept(try Self.list(uptime: "3600"), from: entry.endpoints[0], at: Date().addingTimeInterval(86400))
    #expect(await cache.save(builder, of: entry) == nil)
    let restored = try #require(cache.restore(entry)).snapshot()
    #expect(try #require(restored.freshness).asOf <= Date())
    #expect(restored.guests.count == 1 && restored.guests.allSatisfy { $0.freshness.asOf <= Date() })
  }

  @Test("For any number in PVE's list, an inventory is built", arguments: HostileNumbers.values)
  func survivesHostileAnswers(number: String) throws {
    var builder = InventoryBuilder(name: "home")
    builder.accept(try Self.list(uptime: number), from: "https://10.0.0.1:8006", at: .now)
    let guest = try #require(builder.snapshot().guests.first)
    #expect((guest.uptime ?? .zero) <= .seconds(4_000_000_000))
  }

  private static func list(uptime: String) throws -> ClusterResources {
    let rows = #"{"type":"node","node":"pve1"},{"type":"lxc","vmid":101,"node":"pve1","uptime":\#(uptime)}"#
    return try ClusterResources(decoding: Array(#"{"data":[\#(rows)]}"#.utf8))
  }

  @Test("A folder that cannot be written is reported once and delays nothing")
  func survivesAFullDisk() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(nodes: 1, guests: 2))
    let path = try folder.write("a file where a folder should be", to: "state")
    try await RunningDiscovery.run(simulator.entry(), stateDirectory: path, logger: warnings.logger) { discovery in
      try await discovery.settle()
      try await eventually("a warning") { warnings.texts.contains { $0.contains("inventory not saved") } ? () : nil }
      simulator.update { $0.stop(101) }
      try await discovery.guest(101, "stopped") { $0.status == .stopped }
    }
    await simulator.shutdown()
  }
}
