import FoundationEssentials
import HTTPTransport
import Logging
import PVESimulator
import PeerTrust
import ProxmoxAPI
import ProxmoxInventory
import RouteModel
import Synchronization
import TestSupport
import Testing

@testable import GuestControl

/// The controller against a simulated cluster: what PVE is asked, and what everybody sees.
@Suite("GuestController", .timeLimit(.minutes(5))) struct GuestControllerTests {
  private static let plex = GuestID(cluster: "home", vmid: 101)
  private static let http = HTTPClient()

  private struct Home: Sendable {
    let simulator: PVESimulator
    let controller: GuestController
    let door = Gate()
    let clients = Clients()

    /// - Parameter isRead: whether the inventory is there from the beginning.
    init(_ change: (inout SimulatedCluster) -> Void = { _ in }, isRead: Bool = true) async throws {
      var token = SimulatedCluster.sampleToken
      token.permissions = Permissions(["/": .init(["VM.Audit", "VM.PowerMgmt"])])
      var cluster = SimulatedCluster(
        nodes: [SimulatedNode(name: "pve1")], guests: [.container(101, "plex", on: "pve1", address: "127.64.16.1")],
        tokens: [token])
      cluster.stop(101)
      change(&cluster)
      simulator = try await PVESimulator.start(cluster: cluster)
      let pin = try #require(CertificateFingerprint(simulator.fingerprint))
      let client = ProxmoxClient(
        endpoint: simulator.url, credentials: .token(id: token.id, secret: token.secret), trust: .fingerprints([pin]),
        http: GuestControllerTests.http, timeout: .seconds(60))
      var timing = GuestMachine.Timing()
      (timing.callInterval, timing.connectInterval, timing.restartDelay) = (
        .milliseconds(20), .milliseconds(10), .milliseconds(50)
      )
      (timing.firstBackoff, timing.listLag) = (.milliseconds(50), .milliseconds(500))
      controller = GuestController(
        connections: .init(
          client: { _ in client },
          connect: { [simulator, door] _, _, _ in
            door.isOpenNow && simulator.cluster[101]?.status == "running"
          }, refresh: { _, _ in }), clients: clients, timing: timing,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      if isRead { await look() }
    }

    /// The inventory as a poll would find it.
    func look() async {
      var cluster = ClusterSnapshot(name: "home")
      cluster.freshness = Freshness(asOf: .now)
      cluster.nodes = [
        Node(id: NodeID(cluster: "home", name: "pve1"), status: .online, freshness: Freshness(asOf: .now))
      ]
      cluster.guests = simulator.cluster.guests.map { guest in
        Guest(
          id: GuestID(cluster: "home", vmid: guest.vmid), type: .lxc, name: guest.name, node: guest.node,
          status: GuestStatus(guest.status), isTemplate: guest.isTemplate, lock: guest.lock,
          freshness: Freshness(asOf: .now))
      }
      await controller.update(inventory: InventorySnapshot(clusters: [cluster]))
    }

    func plan(_ change: (inout WakePolicy) -> Void = { _ in }, isAllowed: Bool = true) async {
      var policy = WakePolicy()
      change(&policy)
      var plan = GuestPlan(isAllowed: isAllowed)
      plan.add(policy, route: "plex", target: .tcp(host: "127.64.16.1", port: 80))
      await controller.update(plans: { [plan] in [GuestControllerTests.plex: plan] })
    }

    func reaches(_ state: String) async throws -> ControlReport {
      try await eventually("the guest is \(state); it is \(String(describing: controller.report(of: plex)))") {
        controller.report(of: plex).flatMap { $0.state == state ? $0 : nil }
      }
    }

    func running(_ body: (Home) async throws -> Void) async throws {
      let task = Task { try await controller.run() }
      try await body(self)
      task.cancel()
      _ = try? await task.value
      await simulator.shutdown()
    }

    var starts: Int { simulator.requests().count { $0.method == "POST" && $0.path.hasSuffix("/start") } }
  }

  /// Clients that move bytes when the test says so.
  private final class Clients: GuestClients {
    struct State {
      var lastUse: ContinuousClock.Instant?
      var isClosed = false
      /// What happens before the last use is read.
      var onRead: @Sendable (inout State) -> Void = { _ in }
      /// What happens at the last moment, before it is decided whether an idle guest is stopped.
      var onClose: @Sendable (inout State) -> Void = { _ in }
      var views: [GuestView] = []
    }
    let state = Mutex(State())

    func lastUse(of guest: GuestID) -> ContinuousClock.Instant? {
      state.withLock { state in
        state.onRead(&state)
        return state.lastUse
      }
    }
    func close(_ guest: GuestID) {
      state.withLock { state in
        state.isClosed = true
        state.onClose(&state)
      }
    }
    func show(_ view: GuestView) {
      state.withLock { state in
        state.isClosed = false
        state.views.append(view)
      }
    }
  }

  @Test("An idle guest is stopped a whole idle_timeout after the last byte, and sleeps until a request needs it")
  func stopsIdle() async throws {
    try await Home { $0.change(101) { $0.status = "running" } }.running { home in
      // The last use is first read when the guest would be idle without it.
      home.clients.state.withLock { state in
        state.onRead = { state in
          state.lastUse = .now
          state.onRead = { _ in }
        }
      }
      await home.plan { ($0.start, $0.idleTimeout) = (.onRequest, .milliseconds(300)) }
      let report = try await home.reaches("stopped")
      let lastByte = try #require(home.clients.state.withLock { $0.lastUse })
      #expect(ContinuousClock.now - lastByte >= .milliseconds(300))
      #expect(report.last?.reason.hasPrefix("idle for ") == true)
      #expect(home.clients.state.withLock { $0.views.first?.phase == .ready })
      await home.look()
      #expect(home.clients.state.withLock { $0.views.last?.isNapping } == true)
      #expect(home.starts == 0)
    }
  }

  @Test("A byte at the very last moment keeps it awake, and its client is not held back")
  func noClientSlipsThrough() async throws {
    try await Home { $0.change(101) { $0.status = "running" } }.running { home in
      home.clients.state.withLock { state in
        state.onClose = { state in
          state.lastUse = .now
          state.onClose = { _ in }
        }
      }
      await home.plan { ($0.start, $0.idleTimeout) = (.onRequest, .milliseconds(200)) }
      let lastByte = try await eventually("it was nearly stopped") { home.clients.state.withLock { $0.lastUse } }
      try await eventually("its clients are let in again") { home.clients.state.withLock { $0.isClosed } ? nil : () }
      _ = try await home.reaches("stopped")
      #expect(ContinuousClock.now - lastByte >= .milliseconds(200))
    }
  }

  @Test("Two hundred concurrent requests start it once; it is ready when its port answers")
  func startsOnce() async throws {
    try await Home { $0.change(101) { $0.power.startTime = .milliseconds(100) } }.running { home in
      await home.plan()
      await withTaskGroup { group in
        for number in 0..<200 {
          group.addTask {
            _ = try? await home.controller.start(Self.plex, .request(route: "plex", client: "10.0.0.\(number)"))
          }
        }
      }
      _ = try await home.reaches("waiting")
      #expect(home.starts == 1)
      home.door.open()
      let report = try await home.reaches("ready")
      #expect(report.startedBy?.hasPrefix("plex: 10.0.0.") == true)
      #expect(report.counts.starts == 1)
      #expect(home.simulator.cluster[101]?.status == "running")
    }
  }

  @Test("on_load starts what is found stopped; what a command stops stays so")
  func onLoad() async throws {
    try await Home().running { home in
      home.door.open()
      await home.plan { $0.start = .onLoad }
      _ = try await home.reaches("ready")
      #expect(home.controller.report(of: Self.plex)?.startedBy == "plex: start: on_load")
      _ = try await home.controller.stop(Self.plex, .command("root"))
      _ = try await home.reaches("stopped")
      #expect(home.simulator.cluster[101]?.status == "stopped")
      await home.look()
      #expect(home.controller.report(of: Self.plex)?.state == "stopped")
      #expect(home.starts == 1)
    }
  }

  @Test("A guest that ends before a list has shown it running is found out, and started again")
  func noticesAnEarlyEnd() async throws {
    try await Home().running { home in
      home.door.open()
      await home.plan { $0.start = .onLoad }
      _ = try await home.reaches("ready")
      home.simulator.update { $0.stop(101) }
      try await eventually("it is started again") {
        await home.look()
        return home.starts == 2 ? () : nil
      }
    }
  }

  @Test("What fails says why, and is tried again by itself")
  func triesAgain() async throws {
    try await Home { $0.change(101) { $0.power.startError = "startup for container '101' failed" } }.running { home in
      home.door.open()
      await home.plan { $0.start = .onLoad }
      let report = try await home.reaches("failed")
      #expect(report.cause == "PVE's task failed: startup for container '101' failed" && report.until != nil)
      home.simulator.update { $0.change(101) { $0.power.startError = nil } }
      #expect(try await home.reaches("ready").cause == nil)
    }
  }

  @Test("Without control: true, and without a route, nothing is asked of PVE")
  func needsPermission() async throws {
    try await Home().running { home in
      await home.plan({ $0.start = .onLoad }, isAllowed: false)
      await #expect(throws: ControlFailure.notAllowed("home")) {
        try await home.controller.start(Self.plex, .command("root"))
      }
      await home.controller.update(plans: { [:] })
      await #expect(throws: ControlFailure.noRoute) { try await home.controller.stop(Self.plex, .command("root")) }
      #expect(home.simulator.requests().isEmpty)
    }
  }

  @Test("A refusal by PVE is the answer to all requests")
  func refuses() async throws {
    try await Home { $0.change(101) { $0.lock = "backup" } }.running { home in
      await home.plan()
      await #expect(throws: ControlFailure.locked("backup")) {
        try await home.controller.start(Self.plex, .command("root"))
      }
      #expect(home.starts == 0)
    }
  }

  @Test("A start in progress, its origin and a stop by command are kept across a restart")
  func outlastsRestarts() async throws {
    let folder = try TemporaryDirectory()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let before = try await Home { $0.change(101) { $0.power.startTime = .seconds(3600) } }
    try await before.running { home in
      let keeper = ControlKeeper(controller: home.controller, folder: folder.path, logger: logger)
      await home.plan()
      _ = try await home.controller.start(Self.plex, .command("root"))
      _ = try await eventually("PVE has begun") { home.simulator.cluster.tasks.isEmpty ? nil : true }
      let saving = Task { try await keeper.run() }
      _ = try await eventually("the task is saved") {
        await home.controller.saved.first?.task
      }
      saving.cancel()
      _ = try? await saving.value
    }
    // Routes may be there before the inventory is.
    let after = try await Home(isRead: false)
    await ControlKeeper(controller: after.controller, folder: folder.path, logger: logger).load()
    await after.plan { $0.start = .onLoad }
    for _ in 0..<2 {
      #expect(after.controller.report(of: Self.plex)?.state == "starting")
      #expect(after.controller.report(of: Self.plex)?.startedBy == "root")
      await after.look()
    }
    await after.simulator.shutdown()
  }
}
