package import Logging
package import RouteModel
import Synchronization

/// The three route pools: every route that the agent knows, by alias and by key. One writer at a time, many readers.
///
/// A batch of changes is one generation: no reader sees half of it, in one lookup or in two successive ones. Every
/// operation is safe from any task. Lookups of an identity take no lock and touch no reference count: see `AliasTable`
/// for how, and `RouteBindings` for the use of the result. They wait only while a few changes are applied to the table
/// in place; larger batches go into another table, which then replaces it.
// Public for the generics over its results: see `RouteBinding`.
public final class RouteRegistry: Sendable {
  /// The table that lookups use; the writer keeps it alive, because readers may be in it.
  let table: Atomic<Unmanaged<AliasTable>>
  /// Twice the generation; odd while a batch is applied.
  let progress = Atomic<UInt64>(0)
  /// The seed of the hashes of aliases.
  let seed = UInt64.random(in: 0 ... .max)
  private let state: Mutex<RegistryState>
  /// Held for the moment in which a change becomes visible, and by lookups that retain a route.
  private let changing = Mutex(())
  private let handovers = Atomic<UInt64>(0)
  let logger: Logger
  /// Read once: the check would slow lookups down.
  let isDebugging: Bool

  package init(logger: Logger = Logger(label: "pvescout.routes")) {
    let state = RegistryState(seed: seed)
    table = Atomic(Unmanaged.passUnretained(state.pools.table))
    self.state = Mutex(state)
    self.logger = logger
    isDebugging = logger.logLevel <= .debug
  }

  /// Increases with every batch that changed something and with every ``recordChange()``, from 0 for the empty
  /// registry.
  package var generation: UInt64 { progress.load(ordering: .acquiring) >> 1 }

  /// The number of routes, always exact. O(1).
  package var counts: PoolCounts { withState { $0.pools.counts } }

  /// All pools at one generation. O(1) while nothing changed, else linear in the routes, once.
  package var snapshot: RegistrySnapshot {
    let snapshot = withState { $0.currentSnapshot(generation: generation) }
    logger.debug(
      "routes listed", metadata: ["generation": "\(snapshot.generation)", "routes": "\(snapshot.counts.all)"])
    return snapshot
  }

  /// Begins a new generation for a change outside of the routes: of the inventory that they are linked to. O(1).
  package func recordChange() {
    withState { state in
      progress.add(2, ordering: .sequentiallyConsistent)
      state.begin(generation)
    }
  }

  /// Every new generation, beginning with the current one; a slow reader gets only the newest.
  package func generations() -> AsyncStream<UInt64> {
    let (stream, follower) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
    let id = withState { state in
      follower.yield(generation)
      return state.addFollower(follower)
    }
    follower.onTermination = { [weak self] _ in self?.withState { $0.removeFollower(id) } }
    return stream
  }

  /// Adds routes, replacing those with the same ID, and removes others. O(1) per route, in any order.
  ///
  /// In the HTTP and the stream pool, an alias belongs to one route. The caller decides between several; a route that
  /// would replace another one is refused and reported.
  @discardableResult
  package func apply(adding routes: [RegisteredRoute], removing ids: [RouteID] = []) -> AppliedChanges {
    let applied = withState { apply(adding: routes, removing: ids, to: &$0) }
    if isDebugging { log(applied, adding: routes) }
    return applied
  }

  /// Removes every route, as one generation. O(n).
  package func removeAll() {
    let applied = withState { state in
      var ids: [RouteID] = []
      state.pools.forEach { ids.append($0.id) }
      return apply(adding: [], removing: ids, to: &state)
    }
    if isDebugging { log(applied, adding: []) }
  }

  private func apply(
    adding routes: [RegisteredRoute], removing ids: [RouteID], to state: inout RegistryState
  ) -> AppliedChanges {
    var applied = state.revise(adding: routes, removing: ids)
    if applied.changesAnything(adding: routes.count) {
      commit(&state)
      state.begin(generation)
    }
    state.endRevision()
    applied.generation = generation
    return applied
  }

  /// Holds the writer's lock.
  private func withState<Result>(_ body: (inout RegistryState) -> Result) -> Result {
    state.withLock { state in
      // The thread sanitizer does not understand `Mutex`; this shows it the order of the lock's holders.
      _ = handovers.load(ordering: .acquiring)
      defer { handovers.store(1, ordering: .releasing) }
      return body(&state)
    }
  }

  /// Runs a lookup during which the writer makes no change visible.
  func withChangesHeld<Result>(_ body: () -> Result) -> Result {
    changing.withLock { _ in
      _ = handovers.load(ordering: .acquiring)
      defer { handovers.store(1, ordering: .releasing) }
      return body()
    }
  }

  private func commit(_ state: inout RegistryState) {
    let now = progress.load(ordering: .relaxed)
    if !state.fitsIntoTable {
      state.commitToOtherTable()
      withChangesHeld {
        table.store(Unmanaged.passUnretained(state.pools.table), ordering: .releasing)
        progress.store(now + 2, ordering: .releasing)
      }
    } else if state.isOneStore {
      withChangesHeld {
        state.commit()
        progress.store(now + 2, ordering: .releasing)
      }
    } else {
      withChangesHeld {
        progress.store(now + 1, ordering: .relaxed)
        // Orders the odd number before every store of the batch.
        atomicMemoryFence(ordering: .releasing)
        state.commit()
        progress.store(now + 2, ordering: .releasing)
      }
    }
    state.conclude()
  }

  private func log(_ applied: AppliedChanges, adding routes: [RegisteredRoute]) {
    let refused = Set(applied.refused)
    for entry in applied.removed { log("route removed", entry.registered, applied.generation) }
    for route in routes where !refused.contains(route.id) { log("route added", route, applied.generation) }
  }

  /// Logs, at debug level, that a route was attached to a request.
  package func logAttachment(of route: RegisteredRoute) {
    if isDebugging { log("route attached to a request", route, generation) }
  }

  func log(_ event: Logger.Message, _ route: RegisteredRoute, _ generation: UInt64) {
    logger.debug(
      event,
      metadata: [
        "route.alias": "\(route.id.alias)", "route.pool": "\(route.pool.rawValue)",
        "route.provider": "\(route.id.provider)", "generation": "\(generation)",
      ])
  }
}

/// The result of a batch.
package struct AppliedChanges: Sendable {
  package internal(set) var generation: UInt64 = 0
  /// As they were, with their keys at that time.
  package internal(set) var removed: [RegistrySnapshot.Entry] = []
  /// Routes whose alias another route of that pool has; they were not changed.
  package internal(set) var refused: [RouteID] = []

  /// Whether a batch that adds that many routes has an effect.
  @inline(__always)
  func changesAnything(adding count: Int) -> Bool { !removed.isEmpty || count > refused.count }
}
