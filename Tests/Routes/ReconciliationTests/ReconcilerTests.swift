import HTTPTransport
import HealthMonitoring
import Logging
import ProxmoxInventory
import RouteModel
import RouteRegistry
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

/// The reconciler with the real registry, monitor and transport; only the PVE data is fixed.
@Suite(.timeLimit(.minutes(5))) struct ReconcilerTests {
  @Test func aMigrationIsOneLinkChangedAndAffectsNoOtherRoute() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex"), try Lab.declaration("wiki")), defaults: HealthCheck())
      await reconciler.replace(
        inventory: Lab.inventory([Lab.guest(105, "plex", "127.77.1.1"), Lab.guest(106, "wiki", "127.77.1.2")]))
      let since = parts.events.lastID
      await reconciler.replace(
        inventory: Lab.inventory([
          Lab.guest(105, "plex", "127.77.1.1", on: "pve2"), Lab.guest(106, "wiki", "127.77.1.2"),
        ]))
      // The reload's events follow all events of the migration.
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex"), try Lab.declaration("wiki")), defaults: HealthCheck(),
        isReload: true)
      let reportedEvents = await parts.reportedEvents(since: since, until: .reload)
      #expect(reportedEvents.filter { $0 != "health.changed" } == ["guest.changed", "link.changed plex", "reload"])
      #expect(parts.registry.get("plex")?.route.link.resource?.node.name == "pve2")
    }
  }

  /// The agent is ready then: a change that waiting readers see as a new generation.
  @Test func namesTheClustersThatTheRoutesAreLinkedWith() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(inventory: InventorySnapshot(clusters: [ClusterSnapshot(name: "home")]))
      await reconciler.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
      #expect(reconciler.linkedClusters.isEmpty)
      let before = parts.registry.generation
      await reconciler.replace(inventory: Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")]))
      #expect(reconciler.linkedClusters == ["home"])
      #expect(parts.registry.get("plex")?.route.link.resource != nil)
      #expect(parts.registry.generation > before + 1, "one for the routes, and one for the clusters")
    }
  }

  @Test func anOlderInventoryOrSetOfRoutesIsDropped() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      let newer = InventorySnapshot(
        clusters: Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")]).clusters, generation: 2)
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck(), inventory: newer, revision: 2)
      #expect(
        parts.registry.get("plex")?.route.target?.host == "127.77.1.1", "linked against what came with the routes")
      await reconciler.replace(inventory: Lab.inventory([]))
      await reconciler.replace(routes: Lab.provided(), defaults: HealthCheck(), revision: 1)
      #expect(parts.registry.get("plex")?.route.target?.host == "127.77.1.1")
    }
  }

  @Test func invisibleChangesAreNoEventsButVisibleOnesAreGenerations() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(inventory: Lab.inventory([Lab.guest(105, "plex", "127.77.1.1")]))
      let (since, generation) = (parts.events.lastID, parts.registry.generation)
      var guest = Lab.guest(105, "plex", "127.77.1.1")
      guest.addresses[0].source = .config
      await reconciler.replace(inventory: Lab.inventory([guest]))
      #expect(parts.events.lastID == since)
      guest.tags = ["media"]
      await reconciler.replace(inventory: Lab.inventory([guest]))
      #expect(parts.events.lastID == since + 1)
      #expect(parts.registry.generation > generation)
    }
  }

  @Test func theSecondAddressIsTakenWhereTheFirstRefuses() async throws {
    let server = try await UpstreamServer()
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex", port: server.port)), defaults: HealthCheck())
      // Nothing listens on the first address: the server holds its port on its own address.
      await reconciler.replace(inventory: Lab.inventory([Lab.guest(105, "plex", "127.0.77.77", server.host)]))
      let route = try await eventually("the reachable address is the target, and healthy") {
        parts.registry.get("plex").flatMap { $0.route.health.report.status == .healthy ? $0 : nil }
      }
      #expect(route.route.target?.host == server.host)
    }
  }

  @Test func aFailingRouteMakesItsGuestSuspect() async throws {
    let server = try await UpstreamServer()
    let parts = Parts()
    try await parts.running { reconciler in
      let check = HealthCheck(interval: .milliseconds(50), timeout: .seconds(60), unhealthyAfter: 2)
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex", port: server.port)), defaults: check)
      await reconciler.replace(inventory: Lab.inventory([Lab.guest(105, "plex", server.host)]))
      _ = try await eventually("healthy") {
        parts.registry.get("plex")?.route.health.report.status == .healthy ? true : nil
      }
      #expect(parts.suspects.withLock { $0.isEmpty })
      #expect(parts.wanted.withLock { $0 } == [GuestID(cluster: "home", vmid: 105)])

      try await server.stop()
      try await eventually("unhealthy, because nothing listens") {
        let report = parts.registry.get("plex")?.route.health.report
        let isRefused = report?.cause == "guest 105 (plex) is running, nothing listens on :\(server.port)"
        return report?.status == .unhealthy && isRefused ? true : nil
      }
      _ = try await eventually("suspect") { parts.suspects.withLock { $0.isEmpty } ? nil : true }
      #expect(parts.suspects.withLock { $0 } == [GuestID(cluster: "home", vmid: 105)])
    }
  }

  /// A failing resolver proves nothing: only a name that does not exist is replaced by the guest's address.
  @Test(.timeLimit(.minutes(5))) func aNameThatDoesNotExistMakesWayForTheGuestsAddress() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      func target() -> String? { parts.registry.get("ssh")?.route.target?.host }
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("ssh", host: "gitea")), defaults: HealthCheck(isDisabled: true))
      await reconciler.replace(inventory: Lab.inventory([Lab.guest(105, "gitea", "127.77.1.1")]))
      await reconciler.lookUpNames()
      #expect(target() == "gitea")
      parts.isMissingName.withLock { $0 = true }
      _ = try await eventually("the guest's address serves") { target() == "127.77.1.1" ? true : nil }
      parts.isMissingName.withLock { $0 = nil }
      await reconciler.lookUpNames()
      #expect(target() == "127.77.1.1", "nothing new is known")
      parts.isMissingName.withLock { $0 = false }
      _ = try await eventually("the name serves again") { target() == "gitea" ? true : nil }
    }
  }

  /// At the start, names are known before addresses: a link by name that an address then replaces is not reported.
  @Test(arguments: [true, false])
  func aLinkThatAddressesMayStillMoveIsToldOnce(hasAddress: Bool) async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      let route = try Lab.declaration("plex", host: "127.77.1.1")
      await reconciler.replace(routes: Lab.provided(route), defaults: HealthCheck())
      let since = parts.events.lastID
      await reconciler.replace(
        inventory: Lab.inventory([Lab.guest(105, "plex"), Lab.guest(106, "media")], awaitsAddresses: true))
      #expect(parts.registry.get("plex")?.route.link.resource?.guest?.vmid == 105)
      let addresses = hasAddress ? ["127.77.1.1"] : []
      await reconciler.replace(
        inventory: Lab.inventory([Lab.guest(105, "plex"), Lab.guest(106, "media", addresses)]))
      await reconciler.replace(routes: Lab.provided(route), defaults: HealthCheck(), isReload: true)
      #expect(parts.registry.get("plex")?.route.link.resource?.guest?.vmid == (hasAddress ? 106 : 105))
      let reportedEvents = await parts.reportedEvents(since: since, until: .reload)
      #expect(reportedEvents.filter { $0.hasPrefix("link.changed") } == ["link.changed plex"])
    }
  }

  @Test func aRouteThatMovesInItsFileIsNoChangeAndIsFoundThere() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(routes: Lab.provided(try Lab.declaration("plex")), defaults: HealthCheck())
      let (generation, since) = (parts.registry.generation, parts.events.lastID)
      let route = try #require(parts.registry.get("plex"))
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex", line: 9)), defaults: HealthCheck(), isReload: true)
      #expect(parts.registry.generation == generation && parts.registry.get("plex") === route)
      #expect(await parts.reportedEvents(since: since, until: .reload) == ["reload"])
      #expect(await reconciler.location(of: route.id)?.line == 9)
    }
  }

  @Test func routesThatGoAreTold() async throws {
    let parts = Parts()
    try await parts.running { reconciler in
      await reconciler.replace(
        routes: Lab.provided(try Lab.declaration("plex", host: "127.77.1.1")),
        defaults: HealthCheck(isDisabled: true))
      let since = parts.events.lastID
      await reconciler.replace(routes: Lab.provided(), defaults: HealthCheck(isDisabled: true), isReload: true)
      #expect(await parts.reportedEvents(since: since, until: .reload) == ["route.removed plex", "reload"])
      #expect(parts.registry.snapshot.entries.isEmpty)
    }
  }
}

/// The parts that a reconciler works with.
private struct Parts: Sendable {
  let registry = RouteRegistry()
  let events = EventRing()
  let suspects = Shared<Set<GuestID>>([])
  let wanted = Shared<Set<GuestID>>([])
  /// The resolver's answer for every name: whether it is missing.
  let isMissingName = Shared<Bool?>(nil)

  func running(_ body: (Reconciler) async throws -> Void) async throws {
    let client = HTTPClient()
    defer { client.shutdown() }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let monitor = HealthMonitor(client: client, logger: logger)
    let (snapshots, _) = AsyncStream.makeStream(of: InventorySnapshot.self)
    let reconciler = Reconciler(
      registry: registry, events: events, monitor: monitor, snapshots: snapshots,
      connections: .init(
        connect: { host, port, timeout in
          (try? await client.connect(host: host, port: port, timeout: timeout)) != nil
        },
        wants: { [wanted] guests in wanted.withLock { $0 = guests } },
        suspects: { [suspects] guest in suspects.withLock { _ = $0.insert(guest) } },
        isMissingName: { [isMissingName] _ in isMissingName.withLock { $0 } }),
      logger: logger)
    try await withThrowingTaskGroup { group in
      group.addTask { try await monitor.run() }
      group.addTask { try await reconciler.run() }
      try await body(reconciler)
      group.cancelAll()
    }
  }

  /// The kinds of the events after an id, with the route's alias, up to the first of a given kind.
  func reportedEvents(since: UInt64, until last: Event.Kind) async -> [String] {
    var reportedEvents: [String] = []
    for await event in events.events(since: since) {
      let alias =
        switch event.payload {
        case .route(let entry, _), .routeRemoved(let entry), .link(let entry, _): " \(entry.route.alias)"
        default: ""
        }
      reportedEvents.append(event.kind.rawValue + alias)
      if event.kind == last { break }
    }
    return reportedEvents
  }
}

/// A value protected by a lock, shared with closures.
private final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>
  init(_ value: Value) { self.value = Mutex(value) }
  func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { value.withLock(body) }
}
