package import RouteModel
import Synchronization

/// Feedback to the discovery: the guests whose addresses matter now.
package final class DiscoveryHints: Sendable {
  package struct Hints: Hashable, Sendable {
    /// Guests that a route may link to: their addresses are read first.
    package var wanted: Set<GuestID> = []
    /// Guests behind a failing route: their addresses are read at the next poll.
    package var suspect: Set<GuestID> = []
    /// Guests that are just coming up: their addresses are read at the next poll, however often nothing was found.
    package var waking: Set<GuestID> = []
    package init() {}
  }

  private let state = Mutex(Hints())

  package init() {}

  package func wants(_ guests: Set<GuestID>) { state.withLock { $0.wanted = guests } }
  package func suspects(_ guest: GuestID) { state.withLock { _ = $0.suspect.insert(guest) } }

  package func isWaking(_ guest: GuestID) { state.withLock { _ = $0.waking.insert(guest) } }

  /// Returns the hints for one cluster and clears its suspects and those that are coming up.
  package func drain(for cluster: ClusterName) -> Hints {
    state.withLock { state in
      var hints = Hints()
      hints.wanted = state.wanted.filter { $0.cluster == cluster }
      hints.suspect = state.suspect.filter { $0.cluster == cluster }
      hints.waking = state.waking.filter { $0.cluster == cluster }
      state.suspect.subtract(hints.suspect)
      state.waking.subtract(hints.waking)
      return hints
    }
  }
}
