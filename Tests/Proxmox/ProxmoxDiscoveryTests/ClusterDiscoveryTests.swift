import Foundation
import HTTPTransport
import JSONDocument
import Logging
import PVESimulator
import PeerTrust
import ProxmoxInventory
import RouteModel
import TestSupport
import Testing

@testable import ProxmoxAPI
@testable import ProxmoxDiscovery

@Suite("ClusterDiscovery", .timeLimit(.minutes(5))) struct ClusterDiscoveryTests {
  private let environment = ClusterDiscovery.Environment(
    http: HTTPClient(), hints: DiscoveryHints(), publisher: SnapshotPublisher(), identities: ClusterIdentities(),
    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

  private let settings: DiscoveryConfiguration

  init() {
    var settings = DiscoveryConfiguration()
    settings.loopbackGuests = true
    self.settings = settings
    environment.publisher.configure(["home", "twin"])
    environment.identities.configure(["home", "twin"])
  }

  @Test("A silenced loop neither publishes nor claims its cluster", arguments: [false, true])
  func fallsSilent(isSilenced: Bool) async throws {
    let builder = try Self.builder()
    let discovery = makeDiscovery(endpoints: [])
    await discovery.resume(from: builder, isAccessNew: false)
    if isSilenced { await discovery.silence() }
    await discovery.publish()
    #expect(environment.publisher.current.cluster("home")?.wasRead == !isSilenced)
    let claim = environment.identities.claim("twin", ClusterIdentity(builder.snapshot()))
    #expect(claim == (isSilenced ? nil : "home"))
    environment.http.shutdown()
  }

  @Test("A poll that fails at several endpoints counts as one failure")
  func countsAFailedPollOnce() async throws {
    var simulators: [PVESimulator] = []
    for _ in 1...3 {
      let simulator = try await PVESimulator.start(
        cluster: .sample(nodes: 1, guests: 1), configuration: .ownAddress)
      await simulator.pause()
      simulators.append(simulator)
    }
    let discovery = makeDiscovery(endpoints: simulators.map(\.url))
    await discovery.poll()
    let error = try #require(environment.publisher.current.cluster("home")?.error)
    #expect(simulators.allSatisfy { error.contains($0.url) })
    #expect(await discovery.cadence.pause(jitter: 0) == .seconds(10))
    await discovery.poll()
    #expect(await discovery.cadence.pause(jitter: 0) == .seconds(20))
    environment.http.shutdown()
    for simulator in simulators { await simulator.shutdown() }
  }

  @Test("An unchanged guest causes no snapshot, a changed one does")
  func publishesNewsAlone() async throws {
    let simulator = try await PVESimulator.start(cluster: .sample(guests: 4).afterAnHour)
    let discovery = ClusterDiscovery(
      try simulator.entry(), settings: settings, environment: environment)
    let publisher = environment.publisher
    try await withThrowingTaskGroup { group in
      group.addTask { await discovery.readAddresses() }
      await discovery.poll()
      try await eventually("all known, nothing under way") {
        await discovery.hasSettled ? () : nil
      }
      let start = publisher.current.generation
      // Like the loop, but without its pauses.
      let due = await discovery.publicationDue
      group.addTask { for await _ in due.raised { await discovery.publish() } }
      try await eventually("what came with the first round") { publisher.current.generation == start + 1 ? () : nil }
      simulator.clearRequests()
      environment.hints.suspects(GuestID(cluster: "home", vmid: 101))
      await discovery.poll()
      try await eventually("the guest read again") {
        simulator.count(of: "/lxc/101/interfaces") == 1 ? () : nil
      }
      try await eventually("nothing under way") {
        await discovery.hasSettled ? () : nil
      }
      simulator.update { $0.setAddress(102, to: "127.64.99.2") }
      environment.hints.suspects(GuestID(cluster: "home", vmid: 102))
      await discovery.poll()
      try await eventually("the new address") {
        publisher.current.cluster("home")?.guests[1].addressTexts == ["127.64.99.2"] ? () : nil
      }
      #expect(publisher.current.generation == start + 4, "one for each poll, and one for the address")
      group.cancelAll()
    }
    environment.http.shutdown()
    await simulator.shutdown()
  }

  @Test("A second endpoint is used while everything else hangs, with at most six requests in progress")
  func endsAReadForASecondPoll() async throws {
    let preferred = try await PVESimulator.start(cluster: .sample(guests: 12))
    let other = try await PVESimulator.start(cluster: .sample(guests: 12))
    var settings = DiscoveryConfiguration()
    // The pause of a failed endpoint.
    settings.interval = .milliseconds(1)
    settings.requestTimeout = .seconds(600)
    var entry = try preferred.entry(endpoints: [preferred.url, other.url])
    entry.trust = .fingerprints([preferred, other].compactMap { CertificateFingerprint($0.fingerprint) })
    let discovery = ClusterDiscovery(entry, settings: settings, environment: environment)
    // From now on the other endpoint works, and the preferred one is only retried.
    preferred.inject(Fault(.drop, times: 2))
    await discovery.poll()
    #expect(await discovery.workingClient()?.endpoint == other.url)
    for simulator in [preferred, other] {
      simulator.clearRequests()
      simulator.inject(Fault(.hang))
    }
    try await withThrowingTaskGroup { group in
      group.addTask { await discovery.readAddresses() }
      try await eventually("six reads under way") { other.requests().count == 6 ? () : nil }
      group.addTask { await discovery.poll() }
      try await eventually("two polls under way") { await discovery.plan.polls == 2 ? () : nil }
      #expect(await discovery.readings.count { !$0.task.isCancelled } == 4)
      try await eventually("two reads ended") { await discovery.readings.count == 4 ? () : nil }
      group.cancelAll()
    }
    environment.http.shutdown()
    for simulator in [preferred, other] { await simulator.shutdown() }
  }

  private func makeDiscovery(endpoints: [String]) -> ClusterDiscovery {
    let configuration = ClusterConfiguration(
      name: "home", endpoints: endpoints, credentials: .token(id: "a@pve!b", secret: "secret"), trust: .systemRoots)
    return ClusterDiscovery(configuration, settings: settings, environment: environment)
  }

  /// One node and one guest, with all features that identify the cluster.
  private static func builder() throws -> InventoryBuilder {
    var builder = InventoryBuilder(name: "home")
    let rows = #"{"data":[{"type":"node","node":"pve1"},{"type":"lxc","vmid":101,"node":"pve1"}]}"#
    builder.accept(
      try ClusterResources(decoding: Array(rows.utf8)), from: "https://127.64.0.11:8006",
      at: Date(timeIntervalSince1970: 1_700_000_000))
    let row = #"{"node":"pve1","ssl_fingerprint":"\#(String(repeating: "AA", count: 32))"}"#
    let summary = try JSONReader.value(of: Array(row.utf8))
    builder.facts.record(summaries: [try #require(NodeSummary(summary))])
    return builder
  }
}

extension ClusterDiscovery {
  /// Whether everything present at the start has been read, and no read is in flight.
  fileprivate var hasSettled: Bool { plan.isFirstRoundOver && readings.isEmpty }
}
