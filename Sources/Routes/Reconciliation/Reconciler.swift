import FoundationEssentials
package import HealthMonitoring
package import Logging
package import ProxmoxInventory
package import RouteModel
package import RouteRegistry
import ServiceLifecycle
import Synchronization

/// Links declared routes with the inventory and keeps the registry, monitors and events in step. The only writer of the
/// registry.
package actor Reconciler: Service {
  /// The reconciler's connections to other modules.
  package struct Connections: Sendable {
    /// Connects over TCP and returns whether that worked; used to race the addresses of a guest.
    package var connect: @Sendable (_ host: String, _ port: UInt16, _ timeout: Duration) async -> Bool
    /// Reports the guests whose addresses matter.
    package var wants: @Sendable (Set<GuestID>) -> Void
    /// Reports a guest behind a failing route.
    package var suspects: @Sendable (GuestID) -> Void
    /// Returns whether the resolver reported twice in a row that a name does not exist; nil if that is not known.
    package var isMissingName: @Sendable (String) async -> Bool?
    /// Called after routes were added, removed or changed.
    package var routesChanged: @Sendable () -> Void

    package init(
      connect: @escaping @Sendable (String, UInt16, Duration) async -> Bool,
      wants: @escaping @Sendable (Set<GuestID>) -> Void, suspects: @escaping @Sendable (GuestID) -> Void,
      isMissingName: @escaping @Sendable (String) async -> Bool? = { _ in nil },
      routesChanged: @escaping @Sendable () -> Void = {}
    ) {
      (self.connect, self.wants, self.suspects) = (connect, wants, suspects)
      (self.isMissingName, self.routesChanged) = (isMissingName, routesChanged)
    }
  }

  private static let concurrentRaces = 32
  /// The resolver usually answers from its cache.
  private static let pauseBetweenNames = Duration.seconds(1)

  /// Yields when a link may have changed. For one reader.
  package nonisolated let linkChanges: AsyncStream<Void>

  private let linkChange: AsyncStream<Void>.Continuation
  private let registry: RouteRegistry
  private let events: EventRing
  private let monitor: HealthMonitor
  private let snapshots: AsyncStream<InventorySnapshot>
  private let connections: Connections
  private let logger: Logger
  private let races: AsyncStream<(id: RouteID, candidates: [Upstream])>
  private let race: AsyncStream<(id: RouteID, candidates: [Upstream])>.Continuation
  private nonisolated let linked = Mutex<Set<ClusterName>>([])
  private var state = ReconciliationState()
  private var withheld = WithheldChanges()
  private var lastRevision: UInt64 = 0
  private var lastWantedRevision = 0

  package init(
    registry: RouteRegistry, events: EventRing, monitor: HealthMonitor, snapshots: AsyncStream<InventorySnapshot>,
    connections: Connections, logger: Logger
  ) {
    self.registry = registry
    self.events = events
    self.monitor = monitor
    self.snapshots = snapshots
    self.connections = connections
    self.logger = logger
    (races, race) = AsyncStream.makeStream()
    (linkChanges, linkChange) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Restores the links from before a restart; call it before the first ``replace(routes:defaults:)``.
  func restore(_ links: [SavedLink]) { state.restore(links) }

  /// The steps that led to a route's link and target, computed again on request; empty for a removed route.
  package func steps(of id: RouteID) -> [LinkStep] { state.steps(of: id) }

  /// Where a route is declared; nil for a removed route. The location in the registry may be an earlier one, because a
  /// route that only moved within its file has not changed.
  package func location(of id: RouteID) -> SourceLocation? { state[id]?.declaration.location }

  /// The clusters that were read when the registered routes were linked.
  package nonisolated var linkedClusters: Set<ClusterName> { linked.withLock { $0 } }

  /// The current or former links of the routes.
  var savedLinks: [SavedLink] { state.savedLinks }

  /// Replaces the declarations as one generation, and returns that generation.
  ///
  /// - Parameters:
  ///   - inventory: the inventory for linking the new routes, if it is newer than the last published one: a cluster
  ///     that was added with them must first be known as unread.
  ///   - revision: orders concurrent calls; one that is older than the last is ignored.
  @discardableResult
  package func replace(
    routes declared: DeclaredRoutes, defaults: HealthCheck, inventory: InventorySnapshot? = nil, isReload: Bool = false,
    revision: UInt64 = 0
  ) -> UInt64 {
    guard revision >= lastRevision else { return registry.generation }
    lastRevision = revision
    if let inventory { replace(inventory: inventory) }
    let outcome = state.replace(routes: declared, defaults: defaults)
    commit(outcome)
    if isReload {
      events.append([.reload(generation: registry.generation, routes: declared.routes.count)])
    }
    return registry.generation
  }

  /// Applies a new inventory and relinks the routes that its changes affect. An older inventory is ignored.
  package func replace(inventory: InventorySnapshot) {
    let before = state.inventory
    guard inventory.generation >= before.generation else { return }
    let changes = InventoryChanges(from: before, to: inventory)
    let outcome = state.replace(inventory: inventory, changes: changes)
    monitor.pveStateChanged(nodes: inventory.nodeStates, guestStarts: inventory.recentGuestStarts)
    commit(outcome, after: Event.Payload.changes(changes, before: before), inventoryChanged: !changes.isEmpty)
    let linked = inventory.readClusters
    guard linked != linkedClusters else { return }
    self.linked.withLock { $0 = linked }
    // A new generation, because the agent may be ready now.
    registry.recordChange()
  }

  /// Follows the inventory, the health of the routes and the races until it is shut down.
  package func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for await snapshot in self.snapshots.cancelOnGracefulShutdown() { await self.replace(inventory: snapshot) }
      }
      group.addTask {
        for await change in self.monitor.changes.cancelOnGracefulShutdown() { await self.apply(change) }
      }
      group.addTask { await cancelWhenGracefulShutdown { await self.runRaces() } }
      group.addTask { await cancelWhenGracefulShutdown { await self.followNames() } }
    }
    // Without the reconciler, the routes would become outdated.
    registry.removeAll()
  }

  /// Returns true once the reconciler has finished its current work.
  package func respond() -> Bool { true }

  private func followNames() async {
    while (try? await Task.sleep(for: Self.pauseBetweenNames)) != nil { await lookUpNames() }
  }

  /// Looks up the names of guests that routes have as hosts. A name whose existence is unknown causes no change.
  func lookUpNames() async {
    var missing = state.missingNames
    for name in state.guestNames.sorted() {
      switch await connections.isMissingName(name) {
      case true?: missing.insert(name)
      case false?: missing.remove(name)
      case nil: break
      }
    }
    commit(state.replace(missingNames: missing.intersection(state.guestNames)))
  }

  private func runRaces() async {
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      for await (id, candidates) in races {
        if running >= Self.concurrentRaces {
          await group.next()
          running -= 1
        }
        running += 1
        let race = AddressRace(connect: connections.connect)
        group.addTask { await self.settle(id, candidates, winner: race.winner(of: candidates)) }
      }
      group.cancelAll()
    }
  }

  private func settle(_ id: RouteID, _ candidates: [Upstream], winner: Upstream?) {
    commit(state.settle(id, candidates: candidates, winner: winner))
  }

  private func apply(_ change: HealthChange) {
    guard let route = state[change.id] else { return }
    if change.after.status != change.before.status, let entry = registry.snapshot.entry(of: change.id) {
      events.append([.health(key: entry.key, alias: change.id.alias, before: change.before, after: change.after)])
    }
    // Uses the current report: the reported change may concern a former target.
    let report = route.cell.report
    guard report.status != .healthy, report.lastChecked != nil else { return }
    if let guest = route.link?.resource?.guest { connections.suspects(guest) }
    commit(state.raceAgain(change.id))
  }

  /// Registers the routes, then updates the monitor, then publishes events.
  private func commit(
    _ outcome: ReconciliationState.Outcome, after news: [Event.Payload] = [], inventoryChanged: Bool = false
  ) {
    for (id, candidates) in outcome.races { race.yield((id, candidates)) }
    for id in outcome.removed { withheld.forget(id) }
    guard !outcome.routes.isEmpty || !outcome.removed.isEmpty else {
      if inventoryChanged { registry.recordChange() }
      return events.append(news + releasedChanges(in: registry.snapshot))
    }
    let former = registered(outcome.routes)
    let applied = registry.apply(adding: outcome.routes.map(RegisteredRoute.init), removing: outcome.removed)
    for id in applied.refused {
      logger.error("alias is held by another route", metadata: ["route.id": "\(id)"])
    }
    linkChange.yield()
    connections.routesChanged()
    monitor.update(outcome.routes.map(MonitoredRoute.init), removing: outcome.removed)
    if state.wantedRevision != lastWantedRevision {
      lastWantedRevision = state.wantedRevision
      connections.wants(state.wantedGuests)
    }
    let after = registry.snapshot
    let changed = changes(of: outcome.routes, from: former, to: after)
    let released = releasedChanges(in: after)
    events.append(news + applied.removed.map { .routeRemoved(ReportedRoute($0)) } + changed + released)
    logger.debug(
      "routes reconciled",
      metadata: [
        "generation": "\(applied.generation)", "changed": "\(outcome.routes.count)",
        "removed": "\(applied.removed.count)", "active": "\(after.counts.active)",
        "all": "\(after.counts.all)",
      ])
  }

  /// The routes as they are in the registry. Releases the snapshot at once, so that the registry can update it in place
  /// instead of copying it.
  private func registered(_ routes: [Route]) -> [RegisteredRoute?] {
    let snapshot = registry.snapshot
    return routes.map { snapshot.entry(of: $0.id)?.registered }
  }

  /// Events for changed routes, except for those that are held back.
  private func changes(
    of routes: [Route], from former: [RegisteredRoute?], to after: RegistrySnapshot
  ) -> [Event.Payload] {
    zip(routes, former).flatMap { route, former -> [Event.Payload] in
      guard let entry = after.entry(of: route.id) else { return [] }
      guard let old = former?.route else { return Event.Payload.changes(from: nil, to: entry) }
      guard let base = withheld.base(of: entry.route, before: old, in: state.inventory) else { return [] }
      return Event.Payload.changes(from: base, to: entry)
    }
  }

  /// Changes that were held back until all addresses were read.
  private func releasedChanges(in registered: RegistrySnapshot) -> [Event.Payload] {
    withheld.release(in: state.inventory).flatMap { former -> [Event.Payload] in
      registered.entry(of: former.id).map { Event.Payload.changes(from: former, to: $0) } ?? []
    }
  }
}

extension InventorySnapshot {
  fileprivate var nodeStates: [NodeID: NodeStatus] {
    Dictionary(clusters.flatMap(\.nodes).map { ($0.id, $0.status) }, uniquingKeysWith: { first, _ in first })
  }

  /// The start times of guests that started within the last hour, which is longer than any start grace.
  ///
  /// The age of the inventory is the only input from the wall clock; impossible values are clamped.
  fileprivate var recentGuestStarts: [GuestID: ContinuousClock.Instant] {
    let (now, today) = (ContinuousClock.now, Date())
    var starts: [GuestID: ContinuousClock.Instant] = [:]
    for guest in startedRecently {
      guard let uptime = guest.uptime else { continue }
      let age = min(max(0, today.timeIntervalSince(guest.freshness.asOf)), 3600)
      starts[guest.id] = now - .seconds(age) - uptime
    }
    return starts
  }
}
