import FoundationEssentials
import GuestControl
import HealthMonitoring
import NIOCore
import RouteModel
import Synchronization
import WakeOnDemand

/// The guests as the proxies serve them: opens and closes their gates, and knows when their clients last sent or
/// received a byte.
final class ProxiedGuests: GuestClients {
  private let gates: WakeGates
  private let monitor: HealthMonitor
  private let countStreams: @Sendable () -> Void
  private let state = Mutex(State())

  private struct State {
    var napping: Set<GuestID> = []
    /// Running, starting or stopping.
    var active: Set<GuestID> = []
    /// By the guest that they depend on.
    var dependents: [GuestID: Set<GuestID>] = [:]
    /// When the bytes of streams were counted last; nil if they have to be counted now.
    var countedAt: ContinuousClock.Instant?
  }

  /// How long a count is reused for all guests. Before a stop, the bytes are counted again.
  private static let countInterval = Duration.seconds(1)

  /// - Parameter countStreams: counts the bytes of open streams since the last count.
  init(gates: WakeGates, monitor: HealthMonitor, countStreams: @escaping @Sendable () -> Void) {
    (self.gates, self.monitor, self.countStreams) = (gates, monitor, countStreams)
  }

  /// A guest that another one depends on is in use while that one is up.
  func lastUse(of guest: GuestID) -> ContinuousClock.Instant? {
    let isNeeded = state.withLock { state in
      state.dependents[guest].map { !$0.isDisjoint(with: state.active) } ?? false
    }
    if isNeeded { return .now }
    countStreamsIfDue()
    guard let time = gates.gate(of: guest)?.lastUse else { return nil }
    let age = NIODeadline.now() - time
    return .now - .nanoseconds(max(0, age.nanoseconds))
  }

  private func countStreamsIfDue() {
    let isDue = state.withLock { state in
      let now = ContinuousClock.now
      if let last = state.countedAt, now - last < Self.countInterval { return false }
      state.countedAt = now
      return true
    }
    if isDue { countStreams() }
  }

  func close(_ guest: GuestID) {
    gates.gate(of: guest)?.close()
    state.withLock { $0.countedAt = nil }
  }

  func show(_ view: GuestView) {
    gates.show(GateStatus(view), of: view.id)
    let napping = state.withLock { state -> Set<GuestID>? in
      if view.isActive { state.active.insert(view.id) } else { state.active.remove(view.id) }
      guard state.napping.contains(view.id) != view.isNapping else { return nil }
      if view.isNapping { state.napping.insert(view.id) } else { state.napping.remove(view.id) }
      return state.napping
    }
    if let napping { monitor.guestsAreNapping(napping) }
  }

  /// The guests that the agent controls; others do not nap.
  func keep(_ guests: Set<GuestID>, dependents: [GuestID: Set<GuestID>]) {
    gates.keep(guests)
    let napping = state.withLock { state -> Set<GuestID>? in
      state.dependents = dependents
      state.active.formIntersection(guests)
      guard !state.napping.isSubset(of: guests) else { return nil }
      state.napping.formIntersection(guests)
      return state.napping
    }
    if let napping { monitor.guestsAreNapping(napping) }
  }
}

extension GuestView {
  fileprivate var isActive: Bool {
    switch phase {
    case .stopped: isRunning
    case .failed: isRunning
    default: true
    }
  }
}

extension GateStatus {
  fileprivate init(_ view: GuestView) {
    switch view.phase {
    case .ready, .idle: self.init(.up)
    // Whether it runs is not known, and its service may answer.
    case .stopped where view.isUnknown: self.init(.up)
    case .checking: self.init(.checking)
    case .stopped: self.init(.stopped)
    case .starting(.dependencies(let names)):
      self.init(.starting, cause: "it waits for \(names.joined(separator: ", "))")
    case .starting(.wakingNode(let node)): self.init(.starting, cause: "node \(node) is woken first")
    case .starting(.resting): self.init(.starting, cause: "it was stopped a moment ago, and rests before that")
    case .starting: self.init(.starting)
    case .waiting: self.init(.waiting)
    case .stopping: self.init(.stopping)
    case .failed(let failure, let until):
      self.init(
        .failed, isOpen: view.isRunning, cause: failure.publicText,
        until: Date().addingTimeInterval((until - .now) / .seconds(1)))
    }
  }
}
