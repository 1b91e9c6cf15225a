package import FoundationEssentials
package import RouteModel
import Synchronization

/// The three route pools: every route that the agent knows, by alias and by key. One writer, many readers.
///
/// A batch of changes is one generation: no reader sees half of it. Every operation is safe from any task.
package final class RouteRegistry: Sendable {
  private let state: Mutex<PoolState>

  package init(now: Date = Date()) { state = Mutex(PoolState(asOf: now)) }

  /// Counts up with every batch that changed something and with every ``noteChange(now:)``, from 0 for the empty registry.
  package var generation: UInt64 { state.withLock { $0.generation } }

  /// All pools at one generation. O(1) while nothing changed, else O(n log n) once.
  package var snapshot: RegistrySnapshot { state.withLock { $0.currentSnapshot() } }

  /// Begins a new generation for a change that no route shows: of the inventory that the routes are linked to.
  package func noteChange(now: Date = Date()) { state.withLock { $0.advance(now: now) } }

  /// How many routes a pool holds. O(1).
  package func count(in pool: RoutePool) -> Int { state.withLock { $0.count(in: pool) } }

  /// The active route of that alias: HTTP first, then stream, never an excluded one. O(1).
  package func get(_ alias: String) -> Route? {
    let folded = HostName.fold(alias)
    return state.withLock { $0.active(folded) }
  }

  /// The HTTP route of that alias, or else of that whole host. O(1).
  package func getHTTPRouteOrExact(alias: String, host: String) -> Route? {
    let (alias, host) = (HostName.fold(alias), HostName.fold(host))
    return state.withLock { $0.http[alias] ?? $0.http[host] }
  }

  /// Puts routes in, over those of the same id, and takes others out; O(1) a route.
  ///
  /// In the HTTP and the stream pool an alias names one route. Who of several may have it is the caller's decision: a
  /// route that would take the place of another one is refused and reported.
  @discardableResult
  package func apply(adding routes: [Route], removing ids: [RouteID] = [], now: Date = Date()) -> AppliedChanges {
    state.withLock { state in
      var applied = AppliedChanges(generation: state.generation, removed: [], refused: [])
      for id in ids {
        if let entry = state.remove(id) { applied.removed.append(entry) }
      }
      let moved = routes.compactMap { state.detachIfMoving($0) }
      for route in routes where !state.add(route) { applied.refused.append(route.id) }
      for old in moved where applied.refused.contains(old.id) { _ = state.add(old) }
      if !applied.removed.isEmpty || routes.count > applied.refused.count { state.advance(now: now) }
      applied.generation = state.generation
      return applied
    }
  }
}

/// What a batch did.
package struct AppliedChanges: Sendable {
  package var generation: UInt64
  /// As they were, with the keys that they had.
  package var removed: [RegistrySnapshot.Entry]
  /// Routes whose alias another route of that pool holds; nothing was changed for them.
  package var refused: [RouteID]
}
