import FoundationEssentials
import HTTPTransport
import RouteModel

/// A watched route: its target, its health, and the state of its next probe.
struct WatchedRoute {
  /// A ticket identifies one entry of the queue or one probe in progress; an entry with an older ticket is outdated.
  enum Phase {
    case idle
    case queued(ticket: Int, due: CompactInstant)
    /// - Parameter again: whether something changed meanwhile, so that the next probe follows at once.
    case probing(ticket: Int, again: Bool)
  }

  private(set) var route: MonitoredRoute
  private(set) var target: ProbeTarget?
  private(set) var memory = ProbeMemory()
  private var state: HealthState
  var phase = Phase.idle
  /// The offset of this route's probe times: each route has its own, so that probes are spread.
  private let anchor: CompactInstant
  /// The phases of the last success.
  private var phases: ProbePhases?
  private var certificateEnd: Int?
  /// The service that the history belongs to; nil until there was a target.
  private var service: ServiceIdentity?
  @Compact private var lastSuccess: ContinuousClock.Instant?
  /// When the last conclusive probe ended.
  private var lastObserved: Moment?
  /// When a probe was last conclusive; at first, when the upstream was new.
  private var lastConclusion: CompactInstant

  /// - Parameters:
  ///   - spread: the offset of its probes in the interval, from 0 up to 1.
  ///   - past: the saved health of a route with that name.
  init(_ route: MonitoredRoute, _ target: ProbeTarget?, spread: Double, past: SavedHealth? = nil, at moment: Moment) {
    (self.route, self.target) = (route, target)
    state = HealthState(at: moment)
    lastConclusion = CompactInstant(moment.instant)
    anchor = CompactInstant(moment.instant + Self.interval(route) * spread)
    if let past, isAbout(past.service) {
      service = past.service
      route.cell.history = past.history
      state = HealthState(at: moment, upBefore: past.upSince(resumedAt: moment.date))
    }
    identify()
    if target == nil { recordUnprobed(at: moment) }
  }

  /// Applies the present declaration; returns whether a probe must follow at once.
  ///
  /// For another upstream, the state begins again. Another check of the same upstream keeps the status and resets the
  /// counters. A changed link only requires a probe.
  mutating func update(_ route: MonitoredRoute, _ target: ProbeTarget?, at moment: Moment) -> Bool {
    let (oldRoute, oldTarget) = (self.route, self.target)
    if route.cell !== oldRoute.cell { route.cell.history = oldRoute.cell.history }
    (self.route, self.target) = (route, target)
    if target?.upstream != oldTarget?.upstream {
      state = HealthState(at: moment)
      (phases, certificateEnd, lastSuccess, lastObserved) = (nil, nil, nil, nil)
      lastConclusion = CompactInstant(moment.instant)
    }
    identify()
    if target == nil { recordUnprobed(at: moment) }
    if target != oldTarget { memory = ProbeMemory() }
    if target != oldTarget || route.check != oldRoute.check {
      state.restartCounting()
      return true
    }
    return route.link.resource?.identity != oldRoute.link.resource?.identity
  }

  mutating func record(_ result: ProbeResult, _ pveState: PVEState, at moment: Moment) {
    memory = result.memory
    let before = state.status
    state.record(
      result.outcome, thresholds, isStarting: timeSinceStart(pveState, at: moment) != nil, at: moment)
    if let end = result.certificateEnd { certificateEnd = end }
    if result.outcome != .abandoned { lastConclusion = CompactInstant(moment.instant) }
    switch result.outcome {
    case .success(let latency, _):
      (phases, lastSuccess) = (result.phases, moment.instant)
      observe(latency, statusBefore: before, at: moment)
    case .failure, .impossible: observe(nil, statusBefore: before, at: moment)
    case .notCheckable, .abandoned: lastObserved = nil
    }
  }

  /// False if the check is disabled, so that the route never has a status.
  var mayNap: Bool { target != nil || route.target == nil }

  /// Without a target, no probe would set the status.
  mutating func endNap(at moment: Moment) { if target == nil { recordUnprobed(at: moment) } }

  /// Records that the guest naps: nothing is probed, and the previous state is outdated.
  mutating func nap(at moment: Moment) {
    state.nap(at: moment)
    lastObserved = nil
  }

  func report(_ pveState: PVEState, at moment: Moment) -> HealthReport {
    let started = timeSinceStart(pveState, at: moment)
    var report = state.report(thresholds, at: moment) { failure in
      guard let target else { return failure.summary }
      return Cause(
        upstream: target.upstream, link: route.link, node: pveState.node, started: started,
        isBeingStarted: pveState.isBeingStarted
      ).text(of: failure)
    }
    report.phases = phases
    report.certificateEnd = certificateEnd.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    return report
  }

  /// The health to save; nil if there was never anything to probe.
  func saved(at moment: Moment) -> SavedHealth? {
    service.map { service in
      SavedHealth(
        provider: route.id.provider.text, alias: route.id.alias.text, ordinal: UInt16(clamping: route.id.ordinal),
        service: service,
        lastSeen: lastObserved?.date ?? moment.date, upSince: state.upSince(at: moment), history: route.cell.history)
    }
  }

  private var thresholds: HealthState.Thresholds {
    HealthState.Thresholds(rise: route.check.healthyAfter, fall: route.check.unhealthyAfter)
  }

  private mutating func recordUnprobed(at moment: Moment) {
    let reason = route.target == nil ? route.unprobedReason ?? "no target" : "disabled"
    state.record(.notCheckable(reason: reason), thresholds, at: moment)
    lastObserved = nil
  }
}

// The time of the next probe.
extension WatchedRoute {
  private static let fastRetryInterval = Duration.seconds(1)
  private static let maxBackoff = Duration.seconds(60)
  private static let maxBusyTime = Duration.seconds(60)

  /// The next time on the route's own grid, at most an interval away. Sooner if that settles whether a failure lasts;
  /// later if the check itself cannot run.
  func nextProbe(_ pveState: PVEState, after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let interval = Self.interval(route)
    // A first result, a service that is starting, or one that PVE reports as gone is checked more often.
    if state.status == .starting || state.hasUnconfirmedFailures && (state.status == .unknown || isGone(pveState)) {
      return now + min(interval, Self.fastRetryInterval)
    }
    if state.impossibilities > 1 {
      let doublings = min(state.impossibilities - 1, 16)
      return now + min(interval * (1 << doublings), max(interval, Self.maxBackoff))
    }
    let anchor = anchor.instant
    let passed = ((now - anchor) / interval).rounded(.down)
    return anchor + interval * (Int(passed) + 1)
  }

  /// Whether an upstream has used all its connections for so long that it may hang.
  func isOverdue(at now: ContinuousClock.Instant) -> Bool {
    now - lastConclusion.instant >= max(Self.interval(route) * 3, Self.maxBusyTime)
  }

  private func isGone(_ pveState: PVEState) -> Bool {
    if pveState.node == .offline { return true }
    guard case .guest(_, _, _, _, let status) = route.link.resource?.identity else { return false }
    return !status.isRunning && status != .unknown
  }

  /// Nil unless the guest runs, started within the grace period, and the service has not been up since.
  private func timeSinceStart(_ pveState: PVEState, at moment: Moment) -> Duration? {
    if pveState.isBeingStarted { return .zero }
    guard let start = pveState.guestStart, case .guest(_, _, _, _, .running) = route.link.resource?.identity else {
      return nil
    }
    if let lastSuccess, lastSuccess > start { return nil }
    let passed = max(.zero, moment.instant - start)
    return passed < route.check.startGrace ? passed : nil
  }

  /// At least a minimum, so that no mistake causes a busy loop.
  fileprivate static func interval(_ route: MonitoredRoute) -> Duration { max(route.check.interval, .milliseconds(10)) }
}

// The history.
extension WatchedRoute {
  private func isAbout(_ known: ServiceIdentity) -> Bool {
    target.map { ServiceIdentity(target: $0.upstream, link: route.link).isSame(as: known) } ?? true
  }

  /// Records the present service; for another service, the history is reset. Without a target, the service does not
  /// change.
  private mutating func identify() {
    guard let target else { return }
    let found = ServiceIdentity(target: target.upstream, link: route.link)
    if let service, !found.isSame(as: service) {
      route.cell.history = HealthHistory()
      state = state.status == .unknown ? state.withoutPast : state
    }
    service = found
  }

  /// The time since the last probe is counted with the status that it left. A longer time than between two probes, as
  /// after suspending the machine, is not counted.
  private mutating func observe(_ latency: Duration?, statusBefore: HealthStatus, at moment: Moment) {
    let longest = (max(Self.interval(route), Self.maxBackoff) + route.check.timeout) * 2
    let passed = lastObserved.map { moment.instant - $0.instant } ?? .zero
    let isKnown = statusBefore != .unknown && statusBefore != .napping && passed <= longest
    route.cell.record { history in
      if isKnown { history.add(passed, isUp: statusBefore == .healthy, until: moment.date) }
      history.addProbe(latency, at: moment.date)
    }
    lastObserved = moment
  }
}

/// The states in PVE of the node and the guest behind a route.
struct PVEState: Sendable {
  /// The state of the linked node, or of the linked guest's node.
  var node: NodeStatus?
  /// When the guest started, if it did recently.
  var guestStart: ContinuousClock.Instant?
  /// Whether the agent is starting the guest.
  var isBeingStarted = false
  /// Whether the guest sleeps until a request needs it.
  var isNapping = false
}
