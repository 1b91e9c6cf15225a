import ProxmoxAPI
import RouteModel

// Idleness, and the steps from ready to stopped.
extension GuestMachine {
  mutating func recordActivity(at time: Instant) {
    guard time > lastActivity else { return }
    lastActivity = min(time, now)
    if case .idle = phase { phase = .ready }
  }

  /// When the guest counts as idle; nil if it is never stopped.
  var idleTime: Instant? {
    guard let plan, plan.isAllowed, let timeout = plan.idleTimeout, !(plan.keepsExternal && startedBy == nil) else {
      return nil
    }
    return max(lastActivity + timeout, stopNotBefore)
  }

  private var isInHours: Bool {
    guard let plan, let localTime else { return false }
    return plan.schedule.contains { $0.contains(weekday: localTime.weekday, minute: localTime.minute) }
  }

  mutating func advanceIdle() {
    switch phase {
    case .ready:
      guard let idleTime, now >= idleTime, facts?.obstacle == nil else { return }
      guard !isInHours else { return stopNotBefore = now + timing.idleCheckInterval }
      phase = .idle(since: now)
      (idleReading, isLoadWanted, nextCall) = (nil, false, now)
    case .idle where idleTime == nil: phase = .ready
    default: break
    }
  }

  /// Applies the state of an idle guest: use outside the proxy keeps it awake.
  mutating func handleIdle(_ state: GuestState) {
    guard state.status == "running" else { return foundStopped() }
    if let limit = plan?.idleNetwork, let bytes = state.networkBytes {
      guard let before = idleReading, now > before.at else {
        idleReading = (bytes, now)
        nextCall = now + .seconds(10)
        return
      }
      let rate = Double(max(0, bytes - before.networkBytes)) / ((now - before.at) / .seconds(1))
      if rate > Double(limit) { return recordActivity(at: now) }
    }
    guard plan?.idleCPU == nil else { return (isLoadWanted, nextCall) = (true, now) }
    beginStop(.idle(now - lastActivity))
  }

  /// Applies the CPU load of an idle guest. If it is unknown, the guest is not stopped.
  mutating func handleLoad(_ share: Double?) {
    guard case .idle = phase else { return }
    if let limit = plan?.idleCPU, share.map({ $0 > limit }) ?? true { return recordActivity(at: now) }
    beginStop(.idle(now - lastActivity))
  }

  mutating func stop(_ reason: ControlReason) {
    (startAfterStop, refusal) = (nil, nil)
    if reason.isCommand { isHeld = true }
    switch phase {
    case .stopping, .stopped: return
    case .failed where facts?.status.isRunning != true: return
    case .starting(.task): beginStop(reason)
    // PVE has not begun yet.
    case .starting: phase = .stopped
    case .waiting, .ready, .checking, .idle, .failed: beginStop(reason)
    }
  }

  private mutating func beginStop(_ reason: ControlReason) {
    last = LastAction(kind: .stop, reason: reason.description, failure: nil)
    guard let plan, !plan.targets.isEmpty else { return stopFailed(.noRoute) }
    guard plan.isAllowed else { return stopFailed(.notAllowed(id.cluster)) }
    guard let facts else { return stopFailed(.gone) }
    if let obstacle = facts.obstacle { return stopFailed(obstacle) }
    if facts.nodeIsOffline { return stopFailed(.nodeOffline(facts.node, canBeWoken: false)) }
    // PVE's own time-out comes first; the reserve is for its answer.
    stopDeadline = now + plan.stopTimeout + .seconds(30)
    (stopTaskHasEnded, call, nextCall) = (false, nil, now)
    phase = .stopping(nil)
  }

  mutating func handleStop(_ result: Result<Answer, ProxmoxError>) {
    guard case .stopping(nil) = phase else { return }
    switch result {
    case .success(.task(let upid)): phase = .stopping(upid)
    case .success: break
    case .failure(.server(_, let text)) where text.contains("not running"): stopped()
    case .failure(let error): stopFailed(ControlFailure(error))
    }
  }

  mutating func handleStopTask(_ state: TaskState) {
    switch state {
    case .running: break
    case .succeeded: (stopTaskHasEnded, nextCall) = (true, now)
    case .failed(let text):
      stopFailed(
        ControlFailure(taskText: text)
          ?? (text.contains("timeout") || text.contains("did not stop") ? timeout : .taskFailed(text)))
    }
  }

  private var timeout: ControlFailure { .didNotStop(within: plan?.stopTimeout ?? .zero) }

  mutating func stopped() {
    phase = .stopped
    (startedBy, reason, remark, lastStop) = (nil, nil, nil, now)
    (stopFailures, failures) = (0, 0)
    listsLagUntil = now + timing.listLag
    // A start that was requested in the meantime follows after a pause.
    if let next = startAfterStop {
      startAfterStop = nil
      start(next)
    }
  }

  /// Handles a failed stop: the guest stays up, and the stop is tried again later.
  mutating func stopFailed(_ cause: ControlFailure) {
    last?.failure = cause.description
    refusal = cause
    remark = "could not stop: \(cause)"
    stopFailures = min(stopFailures + 1, 16)
    stopNotBefore = now + min(.seconds(60) * (1 << (stopFailures - 1)), .seconds(3600))
    (isHeld, startAfterStop) = (false, nil)
    phase = .ready
  }
}
