package import Logging
package import RouteModel
import Synchronization

/// The three route pools: every route that the agent knows, by alias and by key. One writer at a time, many readers.
///
/// A batch of changes is one generation: no reader sees half of it, in one lookup or in two after each other. Every operation
/// is safe from any task. Those who ask which route it is take no lock and touch no reference count: see `AliasTable` for
/// how, and `RouteBindings` for what they do with the answer. They wait only while a few changes are being put into the
/// table; many go into another table, which then takes its place.
// Public, for what is generic over its answers: see `RouteBinding`.
public final class RouteRegistry: Sendable {
  /// The table that lookups go to; the writer keeps it alive, while readers may be in it.
  let table: Atomic<Unmanaged<AliasTable>>
  /// Twice the generation, and odd while a batch is carried out.
  let progress = Atomic<UInt64>(0)
  /// Of the hashes by which the table finds an alias.
  let seed = UInt64.random(in: 0 ... .max)
  private let state: Mutex<RegistryState>
  /// Held for the moment in which a change is made visible, and by those who want a route to keep.
  private let changing = Mutex(())
  private let handovers = Atomic<UInt64>(0)
  let logger: Logger
  /// Asked once: lookups have no time for the question.
  let isDebugging: Bool

  package init(logger: Logger = Logger(label: "pvescout.routes")) {
    let state = RegistryState(seed: seed)
    table = Atomic(Unmanaged.passUnretained(state.pools.table))
    self.state = Mutex(state)
    self.logger = logger
    isDebugging = logger.logLevel <= .debug
  }

  /// Counts up with every batch that changed something and with every ``noteChange()``, from 0 for the empty registry.
  package var generation: UInt64 { progress.load(ordering: .acquiring) >> 1 }

  /// How many routes there are, exact at every moment. O(1).
  package var counts: PoolCounts { withState { $0.pools.counts } }

  /// All pools at one generation. O(1) while nothing changed, else linear in the routes, once.
  package var snapshot: RegistrySnapshot {
    let snapshot = withState { $0.currentSnapshot(generation: generation) }
    logger.debug(
      "routes listed", metadata: ["generation": "\(snapshot.generation)", "routes": "\(snapshot.counts.all)"])
    return snapshot
  }

  /// Begins a new generation for a change that no route shows: of the inventory that the routes are linked to. O(1).
  package func noteChange() {
    withState { state in
      progress.add(2, ordering: .sequentiallyConsistent)
      state.begin(generation)
    }
  }

  /// Every generation that begins, the newest only where the reader is slow; the current one first.
  package func generations() -> AsyncStream<UInt64> {
    let (stream, follower) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
    let id = withState { state in
      follower.yield(generation)
      return state.addFollower(follower)
    }
    follower.onTermination = { [weak self] _ in self?.withState { $0.removeFollower(id) } }
    return stream
  }

  /// Puts routes in, over those of the same id, and takes others out; O(1) a route, in whatever order they come and go.
  ///
  /// In the HTTP and the stream pool an alias names one route. Who of several may have it is the caller's decision: a
  /// route that would take the place of another one is refused and reported.
  @discardableResult
  package func apply(adding routes: [RegisteredRoute], removing ids: [RouteID] = []) -> AppliedChanges {
    let applied = withState { apply(adding: routes, removing: ids, to: &$0) }
    if isDebugging { log(applied, adding: routes) }
    return applied
  }

  /// Takes every route out, as one generation. O(n).
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
      carryOut(in: &state)
      state.begin(generation)
    }
    state.endRevision()
    applied.generation = generation
    return applied
  }

  /// Holds the writer's lock.
  private func withState<Result>(_ body: (inout RegistryState) -> Result) -> Result {
    state.withLock { state in
      // The thread sanitizer cannot look into `Mutex`; by this it sees that one holder comes after the other.
      _ = handovers.load(ordering: .acquiring)
      defer { handovers.store(1, ordering: .releasing) }
      return body(&state)
    }
  }

  /// Holds off the writer for the moment of a look.
  func withChangesHeld<Result>(_ body: () -> Result) -> Result {
    changing.withLock { _ in
      _ = handovers.load(ordering: .acquiring)
      defer { handovers.store(1, ordering: .releasing) }
      return body()
    }
  }

  private func carryOut(in state: inout RegistryState) {
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
        // No store of the batch is seen before the odd number.
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

  /// Logs, at debug level, that a request carries the route.
  package func noteAttachment(of route: RegisteredRoute) {
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

/// What a batch did.
package struct AppliedChanges: Sendable {
  package internal(set) var generation: UInt64 = 0
  /// As they were, with the keys that they had.
  package internal(set) var removed: [RegistrySnapshot.Entry] = []
  /// Routes whose alias another route of that pool holds; nothing was changed for them.
  package internal(set) var refused: [RouteID] = []

  /// Whether there is something to carry out in a batch that adds so many routes.
  @inline(__always)
  func changesAnything(adding count: Int) -> Bool { !removed.isEmpty || count > refused.count }
}
