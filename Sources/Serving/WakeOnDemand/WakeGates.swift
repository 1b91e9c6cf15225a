package import RouteModel
import Synchronization

/// The gates of all guests that are woken or stopped because of their clients.
package final class WakeGates: Sendable {
  fileprivate struct State {
    /// Kept for as long as the agent runs: open connections record their bytes with the gate that they began with.
    var gates: [GuestID: GuestGate] = [:]
    /// Also of guests that have no gate yet.
    var statuses: [GuestID: GateStatus] = [:]
    var clusters: Set<ClusterName> = []
    /// Guests that the routes want woken or stopped.
    var managed: Set<GuestID> = []
  }

  /// The requests of clients for guests. For one reader.
  package let requests: AsyncStream<WakeRequest>
  private let continuation: AsyncStream<WakeRequest>.Continuation
  private let state = Mutex(State())
  private let changes = Atomic<UInt64>(0)
  private let isManagingAny = Atomic(false)

  package init() { (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4096)) }

  /// Changes when a route may have another gate.
  package var generation: UInt64 { changes.load(ordering: .relaxed) }

  /// The gate of the guest behind a route; nil if clients neither wake it nor keep it awake.
  package func gate(for route: Route) -> GuestGate? {
    guard let guest = route.link.resource?.guest else { return nil }
    let wants = route.declaration.wake.map { $0.start == .onRequest || $0.idleTimeout != nil } ?? false
    guard wants || isManagingAny.load(ordering: .relaxed) else { return nil }
    return state.withLock { state in
      guard state.clusters.contains(guest.cluster), wants || state.managed.contains(guest) else { return nil }
      return state.gate(of: guest, requests: continuation)
    }
  }

  package func gate(of guest: GuestID) -> GuestGate? { state.withLock { $0.gates[guest] } }

  /// Applies the status of a guest to its gate.
  package func show(_ status: GateStatus, of guest: GuestID) {
    let gate = state.withLock { state in
      state.statuses[guest] = status
      return state.isManaged(guest) ? state.gates[guest] : nil
    }
    gate?.show(status)
  }

  /// Forgets the state of all other guests.
  package func keep(_ guests: Set<GuestID>) {
    state.withLock { state in state.statuses = state.statuses.filter { guests.contains($0.key) } }
  }

  /// The clusters that say `control: true`.
  package func permit(_ clusters: Set<ClusterName>) {
    manage { $0.clusters = clusters }
  }

  /// The guests that the routes want woken or stopped; gates of others are open from now on.
  package func manage(_ guests: Set<GuestID>) {
    manage { $0.managed = guests }
    isManagingAny.store(!guests.isEmpty, ordering: .relaxed)
  }

  private func manage(_ change: (inout State) -> Void) {
    let changed = state.withLock { state -> [(gate: GuestGate, status: GateStatus)] in
      let (clusters, managed) = (state.clusters, state.managed)
      let before = Set(managed.filter(state.isManaged))
      change(&state)
      guard state.clusters != clusters || state.managed != managed else { return [] }
      changes.add(1, ordering: .relaxed)
      let after = Set(state.managed.filter(state.isManaged))
      return before.symmetricDifference(after).map { guest in
        (state.gate(of: guest, requests: continuation), after.contains(guest) ? state.statuses[guest] ?? .up : .up)
      }
    }
    for (gate, status) in changed { gate.show(status) }
  }
}

extension WakeGates.State {
  fileprivate func isManaged(_ guest: GuestID) -> Bool { managed.contains(guest) && clusters.contains(guest.cluster) }

  fileprivate mutating func gate(of guest: GuestID, requests: AsyncStream<WakeRequest>.Continuation) -> GuestGate {
    if let gate = gates[guest] { return gate }
    let gate = GuestGate(guest, requests: requests)
    if let status = statuses[guest] { gate.show(status) }
    gates[guest] = gate
    return gate
  }
}

/// The request of a client for a guest.
package struct WakeRequest: Hashable, Sendable {
  package var guest: GuestID
  package var route: RouteID
  /// The client's address, its request and its program, for the log.
  package var client: String
  /// The guest should be up and did not answer.
  package var isUnreachable: Bool

  package init(guest: GuestID, route: RouteID, client: String, isUnreachable: Bool = false) {
    (self.guest, self.route, self.client, self.isUnreachable) = (guest, route, client, isUnreachable)
  }
}
