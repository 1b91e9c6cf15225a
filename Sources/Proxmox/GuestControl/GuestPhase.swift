package import ProxmoxAPI

/// The phase of a guest between stopped and ready.
package enum GuestPhase: Hashable, Sendable {
  package enum StartStep: Hashable, Sendable {
    /// The dependencies of its routes are started first.
    case dependencies([String])
    /// The guest was just stopped, and is started after a pause.
    case resting(until: ContinuousClock.Instant)
    case wakingNode(String)
    /// The start is being requested.
    case requested
    /// It is unknown whether PVE has accepted the request, so the guest's own state is read.
    case unclear
    /// The guest is no longer on the node where it was requested.
    case locating(since: ContinuousClock.Instant)
    case task(UPID)
  }

  case stopped
  case starting(StartStep)
  /// PVE's task has ended; the guest or its service is not up yet.
  case waiting(since: ContinuousClock.Instant)
  case ready
  /// The guest's own state is read, because a client did not reach it, or PVE's lists or its start task contradict the
  /// phase.
  case checking(ControlReason?)
  /// The guest is idle, and its state and load are read once more before it is stopped.
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

  /// Whether a start or stop is in progress.
  package var isBusy: Bool { if case .stopping = self { true } else { isOnItsWay } }

  package var isUp: Bool {
    switch self {
    case .ready, .checking, .idle: true
    default: false
    }
  }
}
