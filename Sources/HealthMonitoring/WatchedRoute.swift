import HTTPTransport
import RouteModel

/// A route under watch: what to probe, what is known, and where its next probe stands.
struct WatchedRoute {
  /// A ticket names one place in the queue or one probe under way; whatever carries an older one is of the past.
  enum Phase {
    case idle
    case queued(ticket: Int)
    /// - Parameter again: something changed meanwhile, so that the next probe follows at once.
    case probing(ticket: Int, again: Bool)
  }

  private(set) var route: MonitoredRoute
  private(set) var target: ProbeTarget?
  private(set) var memory = ProbeMemory()
  private var state: HealthState
  var phase = Phase.idle
  /// Where the grid of this route's probe times begins: every route has its own, so that they make no wave.
  private let anchor: ContinuousClock.Instant

  /// - Parameter spread: where in the interval its probes fall, from 0 up to 1.
  init(_ route: MonitoredRoute, _ target: ProbeTarget?, spread: Double, at moment: Moment) {
    (self.route, self.target) = (route, target)
    state = HealthState(at: moment)
    anchor = moment.instant + Self.interval(route) * spread
    if target == nil { recordUnprobed(at: moment) }
  }

  /// Takes over what is stated now; whether a probe has to follow at once.
  ///
  /// Another upstream is a stranger, of whom nothing is known. Another way of checking the same one keeps what is known
  /// and counts anew. A changed link only asks for a look.
  mutating func update(_ route: MonitoredRoute, _ target: ProbeTarget?, at moment: Moment) -> Bool {
    let (oldRoute, oldTarget) = (self.route, self.target)
    (self.route, self.target) = (route, target)
    if target?.upstream != oldTarget?.upstream { state = HealthState(at: moment) }
    if target == nil { recordUnprobed(at: moment) }
    if target != oldTarget { memory = ProbeMemory() }
    if target != oldTarget || route.check != oldRoute.check {
      state.restartCounting()
      return true
    }
    return route.link.resource?.identity != oldRoute.link.resource?.identity
  }

  mutating func record(_ result: ProbeResult, at moment: Moment) {
    memory = result.memory
    state.record(result.outcome, thresholds, at: moment)
  }

  func report(node: NodeStatus?) -> HealthReport {
    state.report(thresholds) { failure in
      target.map { Cause(upstream: $0.upstream, link: route.link, node: node).text(of: failure) } ?? failure.summary
    }
  }

  /// The next time on the route's own grid, an interval away at most; soon, while a first failure is not settled.
  func nextProbe(after now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    let interval = Self.interval(route)
    if state.isFirstSuspicion { return now + min(interval, .seconds(1)) }
    let passed = ((now - anchor) / interval).rounded(.down)
    return anchor + interval * (Int(passed) + 1)
  }

  private var thresholds: HealthState.Thresholds {
    HealthState.Thresholds(rise: route.check.healthyAfter, fall: route.check.unhealthyAfter)
  }

  private mutating func recordUnprobed(at moment: Moment) {
    let reason = route.target == nil ? route.unprobedReason ?? "no target" : "disabled"
    state.record(.notCheckable(reason: reason), thresholds, at: moment)
  }

  /// Bounded below, so that no mistake makes a busy loop.
  private static func interval(_ route: MonitoredRoute) -> Duration { max(route.check.interval, .milliseconds(10)) }
}
