import ProxmoxAPI
import RouteModel

// Requests, and the steps from stopped to ready.
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

  /// Handles a client that did not reach a guest that should be up: it may have been stopped since the last poll.
  mutating func handleUnreachable(_ reason: ControlReason) {
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
    proceed(after: plan?.dependencies(for: reason) ?? [])
  }

  mutating func handlePrepared(_ failure: ControlFailure?) {
    guard case .starting(.dependencies) = phase else { return }
    if let failure { fail(failure) } else { proceed() }
  }

  /// - Parameter dependencies: the routes that have to be up first.
  private mutating func proceed(after dependencies: [String] = []) {
    wakeDeadline = now + (plan?.wakeTimeout ?? .zero)
    guard let plan, !plan.targets.isEmpty else { return fail(.noRoute) }
    guard plan.isAllowed else { return fail(.notAllowed(id.cluster)) }
    guard let facts else { return fail(.gone) }
    if facts.status.isRunning, now >= listsLagUntil {
      // It was started outside of the agent.
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
    } else if let lastStop, now - lastStop < timing.restartDelay {
      phase = .starting(.resting(until: lastStop + timing.restartDelay))
      wakeDeadline += lastStop + timing.restartDelay - now
    } else {
      phase = .starting(.requested)
    }
  }

  mutating func apply(_ new: GuestPlan?) {
    plan = new
    // Without a route or permission, nothing new is started; running tasks of PVE continue there.
    guard case .failed(let cause, _) = phase, cause.isAboutConfiguration else { return }
    phase = .stopped
  }

  mutating func apply(_ new: GuestFacts?) {
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
    // The guest's own state is read.
    case .waiting where new.isStopped(since: old): isRunning = false
    case .ready where new.status == .stopped && now >= listsLagUntil: ended()
    case .ready where new.isStopped(since: old): check(nil)
    default: break
    }
    // The lock is gone or the guest was moved: the start is tried at once.
    if case .failed(let cause, _) = phase, cause.isAboutFacts, old != new, new.obstacle == nil { phase = .stopped }
  }

  mutating func foundRunning() {
    phase = .ready
    upSince = now
    // It was idle before a restart of the agent, which is no reason to stop it at once.
    if restoredIdle > .zero { stopNotBefore = max(stopNotBefore, now + timing.startupGrace) }
    (lastActivity, remark, restoredIdle) = (now - restoredIdle, nil, .zero)
  }

  /// Handles a guest that no longer runs and was not stopped by the agent.
  mutating func ended() {
    let lived = now - upSince
    (startedBy, restoredIdle, remark) = (nil, .zero, nil)
    if reason != nil, lived < timing.minUptime {
      reason = nil
      return fail(startFailure ?? .endedByItself)
    }
    (reason, failures) = (nil, 0)
    phase = .stopped
  }

  /// Handles a guest whose own state is stopped; the lists may be late.
  mutating func foundStopped() {
    ended()
    listsLagUntil = now + timing.listLag
  }

  /// Counts a start that PVE has accepted, or whose guest runs.
  private mutating func recordStart() {
    starts.append(now)
    startedBy = reason
    listsLagUntil = now + timing.listLag
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
    if cause.isLasting { return timing.maxBackoff }
    return min(timing.firstBackoff * (1 << min(failures - 1, 16)), timing.maxBackoff)
  }
}

// Answers on the way to ready.
extension GuestMachine {
  mutating func handle(_ result: Result<Answer, ProxmoxError>, of call: Call) {
    switch (call, result) {
    case (.start, let result), (.resume, let result): handleStart(result)
    case (.wakeNode, .failure(let error)): fail(ControlFailure(error))
    case (.wakeNode, .success): attempts += 1
    case (.task(let upid), .success(.state(let state))): handle(state, of: upid)
    case (.task, .failure(let error)): handleLostTask(error)
    case (.status, .success(.guest(let state))): handle(state)
    case (.status, .failure(let error)), (.load, .failure(let error)): handleLostStatus(error)
    case (.load, .success(.load(let share))): handleLoad(share)
    case (.shutdown, let result), (.suspend, let result): handleStop(result)
    case (.task, .success), (.status, .success), (.load, .success): break
    }
  }

  private mutating func handleStart(_ result: Result<Answer, ProxmoxError>) {
    guard case .starting(.requested) = phase else { return }
    attempts += 1
    switch result {
    case .success(.task(let upid)):
      recordStart()
      startTask = upid
      phase = .starting(.task(upid))
    case .success: phase = .starting(.unclear)
    case .failure(.server(_, let text)) where text.contains("already running"): phase = .waiting(since: now)
    case .failure(.notFound): phase = .starting(.locating(since: now))
    case .failure(.transport), .failure(.malformed): phase = .starting(.unclear)
    case .failure(let error): fail(ControlFailure(error))
    }
  }

  private mutating func handle(_ state: TaskState, of upid: UPID) {
    switch phase {
    case .starting(.task(upid)): handleStartTask(state, isHARequest: upid.isHARequest)
    case .ready where upid == startTask: handleLateStartTask(state)
    case .stopping(upid?): handleStopTask(state)
    default: break
    }
  }

  private mutating func handleStartTask(_ state: TaskState, isHARequest: Bool) {
    switch state {
    case .running: break
    case .succeeded(let warnings):
      recordEnd(warnings)
      isLeftToHA = isHARequest
      phase = .waiting(since: now)
      nextCall = now
    case .failed(let text) where text.contains("already running"): phase = .waiting(since: now)
    case .failed(let text):
      let cause = ControlFailure(taskText: text) ?? .taskFailed(text)
      // "Configuration file … does not exist": the guest is on another node, or gone.
      if cause == .gone { phase = .starting(.locating(since: now)) } else { fail(cause) }
    }
  }

  private mutating func recordEnd(_ warnings: Int) {
    startTaskHasEnded = true
    guard warnings > 0 else { return }
    remark = "PVE's start task ended with \(warnings) warning\(warnings == 1 ? "" : "s"): see its log"
  }

  /// Handles the end of a task after the service has answered. If the task failed, another machine may have answered.
  private mutating func handleLateStartTask(_ state: TaskState) {
    switch state {
    case .running: break
    case .succeeded(let warnings): recordEnd(warnings)
    case .failed(let text):
      startTaskHasEnded = true
      startFailure = ControlFailure(taskText: text) ?? .taskFailed(text)
      check(nil)
    }
  }

  /// Handles a task whose result cannot be read: the guest's own state is read instead.
  private mutating func handleLostTask(_ error: ProxmoxError) {
    guard error.isLasting else { return }
    switch phase {
    case .starting(.task): phase = .starting(.unclear)
    case .ready: startTaskHasEnded = true
    case .stopping: stopTaskHasEnded = true
    default: break
    }
  }

  private mutating func handle(_ state: GuestState) {
    let isPaused = state.qmpStatus.map { $0 == "paused" || $0 == "suspended" } ?? false
    switch phase {
    case .starting(.unclear), .waiting: handleWhileStarting(state, isPaused: isPaused)
    case .stopping: if state.status == "stopped" || isPaused && plan?.stopMethod == .pause { stopped() }
    case .idle: handleIdle(state)
    case .checking(let reason): handleCheck(state, reason)
    default: break
    }
  }

  private mutating func handleWhileStarting(_ state: GuestState, isPaused: Bool) {
    if state.status == "running" {
      if isPaused { return fail(.paused) }
      if case .starting(.unclear) = phase { recordStart() }
      if case .waiting = phase {} else { phase = .waiting(since: now) }
      (isRunning, listsLagUntil) = (true, now + timing.listLag)
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

  private mutating func handleCheck(_ state: GuestState, _ reason: ControlReason?) {
    guard state.status != "running" else { return phase = .ready }
    foundStopped()
    if phase == .stopped, let reason { start(reason) }
  }

  private mutating func handleLostStatus(_ error: ProxmoxError) {
    if case .checking = phase {
      guard error.isLasting || now - phaseSince >= timing.checkTimeout else { return }
      // The guest's state is unknown, so the client gets its own error.
      return phase = .ready
    }
    guard error.isLasting else { return }
    switch phase {
    case .starting, .waiting:
      if case .notFound = error { phase = .starting(.locating(since: now)) } else { fail(ControlFailure(error)) }
    case .idle: (phase, stopNotBefore) = (.ready, now + timing.idleCheckInterval)
    default: break
    }
  }
}

extension ProxmoxError {
  /// Whether the same call would have the same result.
  fileprivate var isLasting: Bool {
    switch self {
    case .forbidden, .notFound, .notImplemented, .badRequest, .unauthorized: true
    default: false
    }
  }
}

extension ControlReason {
  /// Whether a person or client waits for the start.
  fileprivate var isByPerson: Bool {
    switch self {
    case .command, .request: true
    default: false
    }
  }
}

extension ControlFailure {
  /// Whether the failure ends with time, so that a command does not overrule it.
  fileprivate var isUpToTime: Bool { if case .tooManyStarts = self { true } else { false } }

  fileprivate var isAboutConfiguration: Bool {
    switch self {
    case .notAllowed, .noRoute: true
    default: false
    }
  }

  /// Whether the failure ends with a change of the inventory.
  fileprivate var isAboutFacts: Bool {
    switch self {
    case .template, .locked, .hibernated, .paused, .nodeOffline, .gone: true
    default: false
    }
  }
}
