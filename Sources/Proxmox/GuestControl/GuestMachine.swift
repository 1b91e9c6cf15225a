import ProxmoxAPI
package import RouteModel

/// The state machine for starting and stopping one guest, shared by all routes to it: many requests make one start.
///
/// Pure: ``receive(_:at:)`` applies an event and returns the actions to perform. Each ``Action/call(_:_:)`` is answered
/// by ``Event/called(_:_:)``, and there is one at a time.
package struct GuestMachine: Sendable {
  package typealias Instant = ContinuousClock.Instant

  package let id: GuestID
  let timing: Timing
  package internal(set) var phase = GuestPhase.stopped { didSet { if phase != oldValue { phaseSince = now } } }
  package internal(set) var phaseSince: Instant
  package internal(set) var plan: GuestPlan?
  package internal(set) var facts: GuestFacts?
  /// Why the agent started the guest; nil if it does not run or was started otherwise.
  package internal(set) var startedBy: ControlReason?
  package internal(set) var last: LastAction?
  /// Whether the guest was stopped by a command, so that only a command or a client starts it again.
  package internal(set) var isHeld = false
  /// A problem that does not change the phase: a warning of PVE's task, a stop that failed.
  package internal(set) var remark: String?
  /// The times of the starts within the last hour, oldest first.
  package internal(set) var starts: [Instant] = []
  package internal(set) var lastActivity: Instant
  /// The local time for the hours of the plan; set before each event.
  package var localTime: LocalTime?
  /// When the guest came up.
  var upSince: Instant

  /// Why the last request was refused.
  var refusal: ControlFailure?
  /// The idle time before a restart of the agent.
  var restoredIdle = Duration.zero
  /// The error of the last call; nil if it succeeded.
  var callError: String?
  var now: Instant
  var call: Call?
  var nextCall: Instant
  var connections: Set<ControlTarget> = []
  var nextConnect: Instant
  var nextRefresh: Instant
  var timer: Instant?
  var answered: Set<ControlTarget> = []
  /// The reason for the start in progress.
  var reason: ControlReason?
  var wakeDeadline: Instant
  /// The reason for a start that was requested during a stop.
  var startAfterStop: ControlReason?
  var stopDeadline: Instant
  /// The earliest time of the next stop, after one that failed.
  var stopNotBefore: Instant
  var stopFailures = 0
  /// Whether the task of the stop has ended, so that the guest's own state is read.
  var stopTaskHasEnded = false
  var failures = 0
  var attempts = 0
  /// Whether the dependencies are being started.
  var isPreparing = false
  /// The number of requests to start the dependencies; answers to earlier ones are ignored.
  private var preparations = 0
  /// The task of the start in progress.
  var startTask: UPID?
  /// Whether that task has ended; it is followed also if the service answers before.
  var startTaskHasEnded = false
  /// The failure of that task, while the guest's own state is read, because it may run nevertheless.
  var startFailure: ControlFailure?
  /// Whether the task of the start only passed the request to the HA manager.
  var isLeftToHA = false
  /// Whether the guest runs, as read since the start.
  var isRunning = false
  var stoppedReadings = 0
  var lastStop: Instant?
  /// The time until which the state in the lists may be outdated.
  var listsLagUntil: Instant
  var idleReading: (networkBytes: Int, at: Instant)?
  /// Whether the guest is idle except for its CPU load, which is read last.
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

  /// The call that the phase needs; nil if there is none or it is not due.
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

  /// The task of a start that still runs although the service answers.
  private var openStartTask: UPID? { startTaskHasEnded || now >= wakeDeadline ? nil : startTask }

  private var stopCall: Call {
    switch plan?.stopMethod {
    case .pause where facts?.type == .qemu: .suspend
    case let method: .shutdown(timeout: plan?.stopTimeout ?? .seconds(60), force: method == .kill)
    }
  }

  /// Whether an answer of its address counts. Before the start was requested, another machine has answered.
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

  /// Whether the guest is ready. If it was started for no single route, an answer of any of its routes is enough.
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

  /// When the next timer is due; everything that was due earlier is in progress.
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
