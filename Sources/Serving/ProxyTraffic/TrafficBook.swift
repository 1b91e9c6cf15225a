import RouteModel
package import RouteRegistry
import Synchronization

/// The traffic of all routes.
///
/// A route has one ``RouteTraffic`` through every change of it; one that left the registry keeps it for an hour at least,
/// so that a route file being edited resets nothing.
package final class TrafficBook: Sendable {
  private struct Entry {
    let traffic = RouteTraffic()
    /// Since when the registry is known not to have the route.
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

  /// The counters of a route. It takes a lock and hashes the id, so keep the answer where the registered route is kept.
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

  /// Of the routes in a snapshot that were asked for so far, in its order.
  package func totals(
    of snapshot: RegistrySnapshot, at now: ContinuousClock.Instant = .now
  ) -> [(entry: RegistrySnapshot.Entry, totals: TrafficTotals)] {
    forgetRoutesLongGone(from: snapshot, at: now)
    let traffic = state.withLock { $0.entries.mapValues(\.traffic) }
    return snapshot.active.compactMap { entry in
      traffic[entry.registered.id].map { (entry, $0.totals) }
    }
  }

  /// How many routes are remembered.
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
