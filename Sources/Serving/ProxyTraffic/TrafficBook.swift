import RouteModel
package import RouteRegistry
import Synchronization

/// The traffic of all routes.
///
/// A route keeps its ``RouteTraffic`` through every change, and for at least an hour after it left the registry, so
/// that editing a route file resets nothing.
package final class TrafficBook: Sendable {
  private struct Entry {
    let traffic = RouteTraffic()
    /// Since when the route is known to be absent from the registry.
    var missingSince: ContinuousClock.Instant?
  }

  private struct State {
    var entries: [RouteID: Entry] = [:]
    var lastReview = ContinuousClock.now
  }

  private static let retention = Duration.seconds(3600)

  private let registry: RouteRegistry
  private let state = Mutex(State())

  package init(registry: RouteRegistry) { self.registry = registry }

  /// The counters of a route. The call takes a lock and hashes the ID, so keep the result beside the registered route.
  package func traffic(for route: RegisteredRoute, at now: ContinuousClock.Instant = .now) -> RouteTraffic {
    let (traffic, isReviewDue) = state.withLock { state in
      if let known = state.entries[route.id] { return (known.traffic, false) }
      let entry = Entry()
      state.entries[route.id] = entry
      return (entry.traffic, state.lastReview.duration(to: now) >= Self.retention)
    }
    if isReviewDue { forgetRoutesLongGone(from: registry.snapshot, at: now) }
    return traffic
  }

  /// The totals of the routes in a snapshot that have counters, in its order.
  package func totals(
    of snapshot: RegistrySnapshot, at now: ContinuousClock.Instant = .now
  ) -> [(entry: RegistrySnapshot.Entry, totals: TrafficTotals)] {
    forgetRoutesLongGone(from: snapshot, at: now)
    let traffic = state.withLock { $0.entries.mapValues(\.traffic) }
    return snapshot.active.compactMap { entry in
      traffic[entry.registered.id].map { (entry, $0.totals) }
    }
  }

  /// The number of routes with counters.
  var count: Int { state.withLock { $0.entries.count } }

  private func forgetRoutesLongGone(from snapshot: RegistrySnapshot, at now: ContinuousClock.Instant) {
    let active = Set(snapshot.active.map(\.registered.id))
    state.withLock { state in
      state.lastReview = now
      for (id, entry) in state.entries {
        let isThere = active.contains(id) || entry.traffic.isInUse
        let since = isThere ? nil : entry.missingSince ?? now
        state.entries[id]?.missingSince = since
        if let since, since.duration(to: now) >= Self.retention { state.entries[id] = nil }
      }
    }
  }
}
