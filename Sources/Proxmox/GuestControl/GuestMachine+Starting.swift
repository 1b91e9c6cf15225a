import ProxmoxAPI
import RouteModel

// Wishes, and the way from stopped to ready.
extension GuestMachine {
  mutating func start(_ reason: ControlReason) {
    if reason.isCommand { isHeld = false }
    switch phase {
    case .starting, .waiting, .ready, .checking, .idle: return
    case .stopping: startAfterStop = startAfterStop ?? reason
    case .failed(let cause, _) where !reason.isCommand || cause.isUpToTime: return
    case .failed, .stopped:
      if isHeld, !reason.isByPerson { return fail(.stoppedByCommand) }
      isHeld = false
      begin(reason)
    }
  }

  /// A guest that somebody else stopped is noticed by its clients before the next poll.
  mutating func doubt(_ reason: ControlReason) {
    switch phase {
    case .ready, .idle: check(reason)
    default: start(reason)
    }
  }

  private mutating func check(_ reason: ControlReason?) { (phase, nextCall) = (.checking(reason), now) }

  private mutating func begin(_ reason: ControlReason) {
    self.reason = reason
    (attempts, isRunning, stoppedReadings, isLeftToHA, answered, remark) = (0, false, 0, false, [], nil)
    (startTask, startTaskHasEnded, startFailure, isPreparing) = (nil, false, nil, false)
    last = LastAction(kind: .start, reason: reason.description, failure: nil)
    approach(after: plan?.dependencies(for: reason) ?? [])
  }

  mutating func takePrepared(_ failure: ControlFailure?) {
    guard case .starting(.dependencies) = phase else { return }
    if let failure { fail(failure) } else { approach() }
  }

  /// - Parameter dependencies: what has to be up first.
  private mutating func approach(after dependencies: [String] = []) {
    wakeDeadline = now + (plan?.wakeTimeout ?? .zero)
    guard let plan, !plan.targets.isEmpty else { return fail(.noRoute) }
    guard plan.isAllowed else { return fail(.notAllowed(id.cluster)) }
    guard let facts else { return fail(.gone) }
    if facts.status.isRunning, now >= listsLagUntil {
      // Somebody was faster.
      isRunning = true
      phase = .waiting(since: now)
      return
    }
    if let obstacle = facts.obstacle { return fail(obstacle) }
    if facts.isPaused, plan.stopMethod != .pause { return fail(.paused) }
    guard starts.count < plan.maxStartsPerHour else { return fail(.tooManyStarts(plan.maxStartsPerHour)) }
    if facts.nodeIsOffline, !plan.wakesNode || !plan.mayWakeNodes {
      return fail(.nodeOffline(facts.node, canBeWoken: false))
    }
    if !dependencies.isEmpty {
      phase = .starting(.dependencies(dependencies))
    } else if facts.nodeIsOffline {
      phase = .starting(.wakingNode(facts.node))
    } else if let lastStop, now - lastStop < pace.rest {
      phase = .starting(.resting(until: lastStop + pace.rest))
      wakeDeadline += lastStop + pace.rest - now
    } else {
      phase = .starting(.requested)
    }
  }

  mutating func take(_ new: GuestPlan?) {
    plan = new
    // Without a route or the right to, nothing more is done; what is under way in PVE goes on there.
    guard case .failed(let cause, _) = phase, cause.isAboutConfiguration else { return }
    phase = .stopped
  }

  mutating func take(_ new: GuestFacts?) {
    let old = facts
    facts = new
    guard let new else {
      if phase.isOnItsWay { fail(.gone) } else if phase.isUp { ended() }
      return
    }
    switch phase {
    case .starting(.locating) where new.node != old?.node: phase = .starting(.requested)
    case .starting(.wakingNode) where !new.nodeIsOffline: phase = .starting(.requested)
    case .stopped where new.status.isRunning && now >= listsLagUntil: foundRunning()
    case .stopped where new.status == .stopped: (startedBy, restoredIdle) = (nil, .zero)
    case .failed where new.status.isRunning && now >= listsLagUntil && old?.status.isRunning != true: foundRunning()
    // It has to say so itself.
    case .waiting where new.isStopped(since: old): isRunning = false
    case .ready where new.status == .stopped && now >= listsLagUntil: ended()
    case .ready where new.isStopped(since: old): check(nil)
    default: break
    }
    // A lock that went, a guest that was moved: there is no reason left to wait.
    if case .failed(let cause, _) = phase, cause.isAboutFacts, old != new, new.obstacle == nil { phase = .stopped }
  }

  mutating func foundRunning() {
    phase = .ready
    upSince = now
    // It was idle before a restart of the agent, which is no reason to stop it at once.
    if restoredIdle > .zero { stopNotBefore = max(stopNotBefore, now + pace.grace) }
    (lastActivity, remark, restoredIdle) = (now - restoredIdle, nil, .zero)
  }

  /// It does not run any more, and it was not the agent that stopped it.
  mutating func ended() {
    let lived = now - upSince
    (startedBy, restoredIdle, remark) = (nil, .zero, nil)
    if reason != nil, lived < pace.infancy {
      reason = nil
      return fail(startFailure ?? .endedByItself)
    }
    (reason, failures) = (nil, 0)
    phase = .stopped
  }

  /// It has said so itself: the lists may say otherwise for a while.
  mutating func foundStopped() {
    ended()
    listsLagUntil = now + pace.lag
  }

  /// PVE has accepted the start, or the guest runs: it counts.
  private mutating func noteStart() {
    starts.append(now)
    startedBy = reason
    listsLagUntil = now + pace.lag
  }

  mutating func becomeReady() {
    phase = .ready
    upSince = now
    failures = 0
    (lastActivity, restoredIdle) = (now, .zero)
    last?.failure = nil
  }

  mutating func fail(_ cause: ControlFailure) {
    failures = min(failures + 1, 32)
    last?.failure = cause.description
    refusal = cause
    phase = .failed(cause, until: now + backoff(cause))
  }

  private func backoff(_ cause: ControlFailure) -> Duration {
    if case .tooManyStarts = cause, let first = starts.first { return max(.seconds(1), first + .seconds(3600) - now) }
    if cause.isLasting { return pace.longestBackoff }
    return min(pace.firstBackoff * (1 << min(failures - 1, 16)), pace.longestBackoff)
  }
}

// Answers on the way to ready.
extension GuestMachine {
  mutating func take(_ result: Result<Answer, ProxmoxError>, of call: Call) {
    switch (call, result) {
    case (.start, let result), (.resume, let result): takeStart(result)
    case (.wakeNode, .failure(let error)): fail(ControlFailure(error))
    case (.wakeNode, .success): attempts += 1
    case (.task(let upid), .success(.state(let state))): take(state, of: upid)
    case (.task, .failure(let error)): takeLostTask(error)
    case (.status, .success(.guest(let state))): take(state)
    case (.status, .failure(let error)), (.load, .failure(let error)): takeLostStatus(error)
    case (.load, .success(.load(let share))): takeLoad(share)
    case (.shutdown, let result), (.suspend, let result): takeStop(result)
    case (.task, .success), (.status, .success), (.load, .success): break
    }
  }

  private mutating func takeStart(_ result: Result<Answer, ProxmoxError>) {
    guard case .starting(.requested) = phase else { return }
    attempts += 1
    switch result {
    case .success(.task(let upid)):
      noteStart()
      startTask = upid
      phase = .starting(.task(upid))
    case .success: phase = .starting(.unclear)
    case .failure(.server(_, let text)) where text.contains("already running"): phase = .waiting(since: now)
    case .failure(.notFound): phase = .starting(.locating(since: now))
    case .failure(.transport), .failure(.malformed): phase = .starting(.unclear)
    case .failure(let error): fail(ControlFailure(error))
    }
  }

  private mutating func take(_ state: TaskState, of upid: UPID) {
    switch phase {
    case .starting(.task(upid)): takeStartTask(state, isHARequest: upid.isHARequest)
    case .ready where upid == startTask: takeLateStartTask(state)
    case .stopping(upid?): takeStopTask(state)
    default: break
    }
  }

  private mutating func takeStartTask(_ state: TaskState, isHARequest: Bool) {
    switch state {
    case .running: break
    case .succeeded(let warnings):
      noteEnd(warnings)
      isLeftToHA = isHARequest
      phase = .waiting(since: now)
      nextCall = now
    case .failed(let text) where text.contains("already running"): phase = .waiting(since: now)
    case .failed(let text):
      let cause = ControlFailure(taskText: text) ?? .taskFailed(text)
      // "Configuration file … does not exist": it has another place now, or none.
      if cause == .gone { phase = .starting(.locating(since: now)) } else { fail(cause) }
    }
  }

  private mutating func noteEnd(_ warnings: Int) {
    startTaskHasEnded = true
    guard warnings > 0 else { return }
    remark = "PVE's start task ended with \(warnings) warning\(warnings == 1 ? "" : "s"): see its log"
  }

  /// The service has answered before the task's end. If that failed, it may be another machine that answers.
  private mutating func takeLateStartTask(_ state: TaskState) {
    switch state {
    case .running: break
    case .succeeded(let warnings): noteEnd(warnings)
    case .failed(let text):
      startTaskHasEnded = true
      startFailure = ControlFailure(taskText: text) ?? .taskFailed(text)
      check(nil)
    }
  }

  /// The guest itself says what became of a task that cannot be read.
  private mutating func takeLostTask(_ error: ProxmoxError) {
    guard error.isLasting else { return }
    switch phase {
    case .starting(.task): phase = .starting(.unclear)
    case .ready: startTaskHasEnded = true
    case .stopping: stopTaskHasEnded = true
    default: break
    }
  }

  private mutating func take(_ state: GuestState) {
    let isPaused = state.qmpStatus.map { $0 == "paused" || $0 == "suspended" } ?? false
    switch phase {
    case .starting(.unclear), .waiting: takeWhileStarting(state, isPaused: isPaused)
    case .stopping: if state.status == "stopped" || isPaused && plan?.stopMethod == .pause { stopped() }
    case .idle: takeIdle(state)
    case .checking(let reason): takeChecked(state, reason)
    default: break
    }
  }

  private mutating func takeWhileStarting(_ state: GuestState, isPaused: Bool) {
    if state.status == "running" {
      if isPaused { return fail(.paused) }
      if case .starting(.unclear) = phase { noteStart() }
      if case .waiting = phase {} else { phase = .waiting(since: now) }
      (isRunning, listsLagUntil) = (true, now + pace.lag)
      return
    }
    stoppedReadings += 1
    switch phase {
    case .starting(.unclear) where attempts < 3: phase = .starting(.requested)
    case .starting(.unclear): fail(.clusterUnreachable("three requests to start it came to nothing"))
    case .waiting where !isLeftToHA && stoppedReadings > 2: fail(.endedByItself)
    default: break
    }
  }

  private mutating func takeChecked(_ state: GuestState, _ reason: ControlReason?) {
    guard state.status != "running" else { return phase = .ready }
    foundStopped()
    if phase == .stopped, let reason { start(reason) }
  }

  private mutating func takeLostStatus(_ error: ProxmoxError) {
    // Nothing is known, so that what the client met is all there is to say.
    if case .checking = phase { return phase = .ready }
    guard error.isLasting else { return }
    switch phase {
    case .starting, .waiting:
      if case .notFound = error { phase = .starting(.locating(since: now)) } else { fail(ControlFailure(error)) }
    case .idle: (phase, stopNotBefore) = (.ready, now + pace.hours)
    default: break
    }
  }
}

extension ProxmoxError {
  /// Whether the same call would end in the same way again.
  fileprivate var isLasting: Bool {
    switch self {
    case .forbidden, .notFound, .notImplemented, .badRequest, .unauthorized: true
    default: false
    }
  }
}

extension ControlReason {
  /// Somebody is there and waits.
  fileprivate var isByPerson: Bool {
    switch self {
    case .command, .request: true
    default: false
    }
  }
}

extension ControlFailure {
  /// A command does not overrule it.
  fileprivate var isUpToTime: Bool { if case .tooManyStarts = self { true } else { false } }

  fileprivate var isAboutConfiguration: Bool {
    switch self {
    case .notAllowed, .noRoute: true
    default: false
    }
  }

  /// The inventory says when it is over.
  fileprivate var isAboutFacts: Bool {
    switch self {
    case .template, .locked, .hibernated, .paused, .nodeOffline, .gone: true
    default: false
    }
  }
}
