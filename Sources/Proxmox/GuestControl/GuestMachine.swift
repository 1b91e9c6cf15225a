import ProxmoxAPI
package import RouteModel

/// The state machine for starting and stopping one guest, shared by all routes to it: many requests make one start.
///
/// Pure: ``receive(_:at:)`` takes an event and returns the actions to perform. Each ``Action/call(_:_:)`` is answered by
/// ``Event/called(_:_:)``, and there is one at a time.
package struct GuestMachine: Sendable {
  package typealias Instant = ContinuousClock.Instant

  package let id: GuestID
  let timing: Timing
  package internal(set) var phase = GuestPhase.stopped { didSet { if phase != oldValue { phaseSince = now } } }
  package internal(set) var phaseSince: Instant
  package internal(set) var plan: GuestPlan?
  package internal(set) var facts: GuestFacts?
  /// Why the guest runs; nil if it was not the agent that started it, or it does not run.
  package internal(set) var startedBy: ControlReason?
  package internal(set) var last: LastAction?
  /// Stopped by a command: nothing but a command or a client starts it again.
  package internal(set) var isHeld = false
  /// A problem that does not change the phase: a warning of PVE's task, a stop that failed.
  package internal(set) var remark: String?
  /// Of the last hour, oldest first.
  package internal(set) var starts: [Instant] = []
  package internal(set) var lastActivity: Instant
  /// The hours of the plan are in this time; set before each event.
  package var localTime: LocalTime?
  /// Since when it is up.
  var upSince: Instant

  /// Why the last request was refused.
  var refusal: ControlFailure?
  /// How long nothing had moved before a restart.
  var restoredIdle = Duration.zero
  /// Of the last call; nil if it succeeded.
  var callError: String?
  var now: Instant
  var call: Call?
  var nextCall: Instant
  var connections: Set<ControlTarget> = []
  var nextConnect: Instant
  var nextRefresh: Instant
  var timer: Instant?
  var answered: Set<ControlTarget> = []
  /// Of the start under way.
  var reason: ControlReason?
  var wakeDeadline: Instant
  /// A start that was asked for while the guest was being stopped.
  var startAfterStop: ControlReason?
  var stopDeadline: Instant
  /// Before that an idle guest is not stopped: the last try failed.
  var stopNotBefore: Instant
  var stopFailures = 0
  /// From then on the guest's own state is read.
  var stopTaskHasEnded = false
  var failures = 0
  var attempts = 0
  /// Its dependencies are being started.
  var isPreparing = false
  /// The number of requests to start its dependencies: an answer to an earlier one is ignored.
  private var preparations = 0
  /// The task of the start under way.
  var startTask: UPID?
  /// It is followed to its end, also if the service answers before.
  var startTaskHasEnded = false
  /// Of that task, while the guest itself is asked whether it runs nevertheless.
  var startFailure: ControlFailure?
  /// The task of the start only asked the HA manager.
  var isLeftToHA = false
  /// The guest's own state, read live since the start.
  var isRunning = false
  var stoppedReadings = 0
  var lastStop: Instant?
  /// Until then what the lists say of its state is from before.
  var listsLagUntil: Instant
  var idleReading: (networkBytes: Int, at: Instant)?
  /// It is idle but for its processors, which are looked at last.
  var isLoadWanted = false

  package init(_ id: GuestID, timing: Timing = Timing(), at now: Instant) {
    (self.id, self.timing, self.now) = (id, timing, now)
    upSince = now
    (phaseSince, lastActivity, nextCall, nextConnect, nextRefresh) = (now, now, now, now, now)
    (wakeDeadline, stopDeadline, stopNotBefore, listsLagUntil) = (now, now, now, now)
  }

  package mutating func receive(_ event: Event, at now: Instant) -> [Action] {
    self.now = max(now, self.now)
    let (before, remarkBefore) = (phase, remark)
    switch event {
    case .plan(let plan): apply(plan)
    case .facts(let facts): apply(facts)
    case .start(let reason): start(reason)
    case .unreachable(let reason): handleUnreachable(reason)
    case .stop(let reason): stop(reason)
    case .activity(let time): recordActivity(at: time)
    case .called(let call, let result):
      if self.call == call { self.call = nil }
      if case .failure(let error) = result { callError = "\(error)" } else { callError = nil }
      handle(result, of: call)
    case .connected(let target, let isAnswered):
      connections.remove(target)
      if isAnswered, mayAnswer { answered.insert(target) }
    case .prepared(let number, let failure):
      guard number == preparations else { break }
      isPreparing = false
      handlePrepared(failure)
    case .tick:
      if let timer, timer <= self.now { self.timer = nil }
    }
    advance()
    var actions = nextActions()
    if phase != before || remark != remarkBefore { actions.append(.report) }
    return actions
  }

  /// Why the request that was just received is refused; nil if it is not.
  package func refusal(of request: Event) -> ControlFailure? {
    switch (request, phase) {
    case (.start, .failed(let failure, _)), (.unreachable, .failed(let failure, _)): failure
    case (.stop, _): refusal
    default: nil
    }
  }

  /// Applies the passage of time.
  private mutating func advance() {
    starts.removeAll { now - $0 >= .seconds(3600) }
    switch phase {
    case .starting(.dependencies): break
    case .starting(.resting(let end)) where now >= end: phase = .starting(.requested)
    case .starting(.locating(let since)) where now - since >= timing.listLag: fail(.gone)
    case .starting, .waiting:
      if isReady { becomeReady() } else if now >= wakeDeadline { fail(timeoutFailure) }
    case .stopping where now >= stopDeadline: stopFailed(.didNotStop(within: plan?.stopTimeout ?? .zero))
    case .failed(let cause, let until) where now >= until:
      // The lists may be late about a guest that has ended.
      let isListed = facts?.status.isRunning == true && (cause != .endedByItself || now >= listsLagUntil)
      if isListed { foundRunning() } else { phase = .stopped }
    default: break
    }
    startIfWanted()
    advanceIdle()
  }

  /// `on_load`.
  private mutating func startIfWanted() {
    guard phase == .stopped, !isHeld, let plan, plan.isAllowed, plan.start == .onLoad, let facts,
      facts.status == .stopped, let route = plan.starter
    else { return }
    start(.onLoad(route: route))
  }
}

// The next actions.
extension GuestMachine {
  private mutating func nextActions() -> [Action] {
    var actions: [Action] = []
    if call == nil, let next = dueCall, let place = facts?.place(id.vmid) {
      call = next
      nextCall = now + timing.callInterval
      actions.append(.call(next, place))
    }
    if case .starting(.dependencies) = phase, !isPreparing, let reason {
      isPreparing = true
      preparations += 1
      actions.append(.prepare(reason, number: preparations))
    }
    if phase.isOnItsWay, mayAnswer, now >= nextConnect {
      for target in awaited where !answered.contains(target) && !connections.contains(target) {
        guard case .tcp = target else { continue }
        nextConnect = now + timing.connectInterval
        connections.insert(target)
        actions.append(.connect(target))
      }
    }
    if wantsRefresh, now >= nextRefresh {
      nextRefresh = now + timing.callInterval
      actions.append(.refresh(isRunning: isRunning))
    }
    if let due = nextTime, timer.map({ due < $0 }) ?? true {
      timer = due
      actions.append(.wake(at: due))
    }
    return actions
  }

  /// The call that the phase needs; nil if there is none, or its time has not come.
  private var dueCall: Call? {
    switch phase {
    case .starting(.requested): facts?.isPaused == true ? .resume : .start
    case .starting(.wakingNode(let node)) where attempts == 0: .wakeNode(node)
    case .starting(.task(let upid)) where now >= nextCall: .task(upid)
    case .starting(.unclear) where now >= nextCall: .status
    case .waiting where now >= nextCall && (!isRunning || now >= listsLagUntil): .status
    case .ready where now >= nextCall: openStartTask.map(Call.task)
    case .idle where now >= nextCall: isLoadWanted ? .load : .status
    case .checking where now >= nextCall: .status
    case .stopping(nil): stopCall
    case .stopping(let upid?) where now >= nextCall: stopTaskHasEnded ? .status : .task(upid)
    default: nil
    }
  }

  /// The task of a start whose service has answered already.
  private var openStartTask: UPID? { startTaskHasEnded || now >= wakeDeadline ? nil : startTask }

  private var stopCall: Call {
    switch plan?.stopMethod {
    case .pause where facts?.type == .qemu: .suspend
    case let method: .shutdown(timeout: plan?.stopTimeout ?? .seconds(60), force: method == .kill)
    }
  }

  /// Whether its address may answer already: not before PVE was asked, for what answers then is another machine.
  private var mayAnswer: Bool {
    switch phase {
    case .waiting, .starting(.task), .starting(.unclear): true
    default: false
    }
  }

  /// The targets that the guest is started for.
  private var awaited: [ControlTarget] {
    guard let plan else { return [] }
    guard let route = reason?.route else { return Array(Set(plan.targets.values)) }
    return plan.targets[route].map { [$0] } ?? []
  }

  private var wantsRefresh: Bool {
    switch phase {
    case .starting(.locating), .starting(.wakingNode): true
    case .waiting: isRunning && awaited.contains(.unknown)
    default: false
    }
  }

  /// Started for no route alone, it is ready when any of its routes answers.
  private var isReady: Bool {
    let targets = awaited
    if targets.contains(where: answered.contains) { return true }
    guard case .waiting = phase, isRunning else { return false }
    return targets.isEmpty || targets.contains(.unprobed)
  }

  private var timeoutFailure: ControlFailure {
    let limit = plan?.wakeTimeout ?? .zero
    switch phase {
    case .starting(.wakingNode(let node)): return .nodeOffline(node, canBeWoken: true)
    case .starting(.requested), .starting(.unclear):
      return .clusterUnreachable(callError ?? "it has not answered within \(limit.spoken)")
    case .waiting where isRunning:
      guard let target = awaited.first(where: { $0 != .unknown }) else { return .hasNoAddress(within: limit) }
      return .doesNotAnswer("\(target)", within: limit)
    case .waiting where isLeftToHA: return .leftToHA
    default: return callError.map(ControlFailure.clusterUnreachable) ?? .didNotRun(within: limit)
    }
  }

  /// When the next timer is due; anything due earlier is under way.
  private var nextTime: Instant? {
    let times: [Instant?] =
      switch phase {
      case .stopped, .starting(.dependencies): []
      case .starting(.resting(let end)): [end]
      case .starting, .waiting:
        [wakeDeadline, nextCall, listsLagUntil, mayAnswer ? nextConnect : nil, wantsRefresh ? nextRefresh : nil]
      case .ready: [idleTime, openStartTask == nil ? nil : nextCall]
      case .idle, .checking: [nextCall]
      case .stopping: [stopDeadline, nextCall]
      case .failed(_, let until): [until]
      }
    return times.compactMap(\.self).filter { $0 > now }.min()
  }
}
