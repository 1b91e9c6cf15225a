package import ProxmoxAPI

/// The phase of a guest between stopped and ready.
package enum GuestPhase: Hashable, Sendable {
  package enum StartStep: Hashable, Sendable {
    /// The routes that its own depend on are started first.
    case dependencies([String])
    /// A guest that was just stopped rests for a while.
    case resting(until: ContinuousClock.Instant)
    case wakingNode(String)
    /// PVE is being asked for the start.
    case requested
    /// It is not known whether PVE has taken the request: the guest's own state says so.
    case unclear
    /// It is no longer on the node where it was asked for.
    case locating(since: ContinuousClock.Instant)
    case task(UPID)
  }

  case stopped
  case starting(StartStep)
  /// PVE's task is done; the guest or its service comes up.
  case waiting(since: ContinuousClock.Instant)
  case ready
  /// The guest itself is asked whether it runs: for a client that did not reach it, or because PVE's lists or its start
  /// task say otherwise.
  case checking(ControlReason?)
  /// It counts as idle, and its state and load are read once more before it is stopped.
  case idle(since: ContinuousClock.Instant)
  /// Nil until PVE has named the task.
  case stopping(UPID?)
  case failed(ControlFailure, until: ContinuousClock.Instant)

  /// Its name in `/v1`.
  package var word: String {
    switch self {
    case .stopped: "stopped"
    case .starting: "starting"
    case .waiting: "waiting"
    case .ready, .checking, .idle: "ready"
    case .stopping: "stopping"
    case .failed: "failed"
    }
  }

  package var isOnItsWay: Bool {
    switch self {
    case .starting, .waiting: true
    default: false
    }
  }

  /// Whether something is under way.
  package var isBusy: Bool { if case .stopping = self { true } else { isOnItsWay } }

  package var isUp: Bool {
    switch self {
    case .ready, .checking, .idle: true
    default: false
    }
  }
}
