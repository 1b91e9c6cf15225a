import FoundationEssentials
import RouteModel

/// The health of one route, as a state machine that records outcomes and has no clock.
///
/// Unknown until the first outcome. ``Thresholds/rise`` successes in a row make it healthy, and ``Thresholds/fall``
/// failures in a row unhealthy, or `error` if the last of them was the check's own; in between, the status stays. A
/// check that cannot run is reported at once while nothing is known yet. While the guest has only just started, it is
/// `starting` instead of unhealthy.
struct HealthState: Sendable {
  struct Thresholds: Hashable, Sendable {
    let rise: Int
    let fall: Int

    /// Both are at least 1.
    init(rise: Int, fall: Int) { (self.rise, self.fall) = (max(1, rise), max(1, fall)) }
  }

  private(set) var status = HealthStatus.unknown
  private var since: Date
  private var lastChecked: Date?
  @Nanoseconds private var latency: Duration?
  @Compact private var upSince: ContinuousClock.Instant?
  private var last: ProbeOutcome?
  /// The last unsuccessful outcome, while it explains the status.
  private var trouble: ProbeOutcome?
  private var successes = 0
  private(set) var failures = 0
  /// The number of consecutive checks that could not run.
  private(set) var impossibilities = 0
  private var flaps = FlapDetector()
  /// The beginning of an uptime from before this state, when the service was last seen. Not a date: the calendar may
  /// change before the first outcome.
  @Compact private var upBefore: ContinuousClock.Instant?

  /// - Parameter upBefore: the beginning of an uptime that continues if the first outcome is a success.
  init(at moment: Moment, upBefore: Date? = nil) {
    since = moment.date
    let earlier = upBefore.map { moment.date.timeIntervalSince($0) }
    self.upBefore = earlier.flatMap { $0 > 0 ? moment.instant - .seconds($0) : nil }
  }

  /// Whether there were failures that have not changed the status yet.
  var hasUnconfirmedFailures: Bool { failures > 0 && (status == .unknown || status == .healthy) }

  /// - Parameter isStarting: the guest behind the route has only just started.
  mutating func record(
    _ outcome: ProbeOutcome, _ thresholds: Thresholds, isStarting: Bool = false, at moment: Moment
  ) {
    switch outcome {
    case .abandoned: return
    case .notCheckable:
      (successes, failures, impossibilities, trouble) = (0, 0, 0, nil)
      become(.unknown, at: moment)
    case .success(let latency, _):
      (successes, failures, impossibilities) = (min(successes + 1, thresholds.rise), 0, 0)
      self.latency = latency
      if successes >= thresholds.rise { become(.healthy, at: moment) }
    case .failure, .impossible:
      (successes, failures, trouble) = (0, min(failures + 1, thresholds.fall), outcome)
      if case .impossible = outcome { impossibilities = min(impossibilities + 1, 64) } else { impossibilities = 0 }
      become(statusAfterFailure(outcome, thresholds, isStarting: isStarting), at: moment)
      upBefore = nil
    }
    last = outcome
    if case .notCheckable = outcome { lastChecked = nil } else { lastChecked = moment.date }
  }

  /// Records that the guest sleeps until it is needed: neither up nor failed.
  mutating func nap(at moment: Moment) {
    (successes, failures, impossibilities, trouble) = (0, 0, 0, nil)
    (last, lastChecked) = (.notCheckable(reason: "its guest sleeps until a request needs it"), nil)
    become(.napping, at: moment)
    upBefore = nil
  }

  /// Resets the counters but not the status, because the check has changed.
  mutating func restartCounting() { (successes, failures, impossibilities) = (0, 0, 0) }

  /// The same without an uptime from before.
  var withoutPast: HealthState {
    var state = self
    state.upBefore = nil
    return state
  }

  /// When the service went up, by the calendar; nil while it is not up.
  func upSince(at moment: Moment) -> Date? {
    upSince.map { moment.date.addingTimeInterval(-((moment.instant - $0) / .seconds(1))) }
  }

  private func statusAfterFailure(
    _ outcome: ProbeOutcome, _ thresholds: Thresholds, isStarting: Bool
  ) -> HealthStatus {
    let isSettled = failures >= thresholds.fall
    if case .impossible = outcome { return isSettled || status == .unknown ? .error : status }
    if isStarting, isSettled || status != .healthy { return .starting }
    return isSettled ? .unhealthy : status
  }

  private mutating func become(_ new: HealthStatus, at moment: Moment) {
    guard new != status else { return }
    let isPlain = ![status, new].contains { $0 == .unknown || $0 == .napping }
    if isPlain, (status == .healthy) != (new == .healthy) { flaps.record(at: moment.instant) }
    (status, since) = (new, moment.date)
    upSince = new == .healthy ? upBefore ?? moment.instant : nil
    guard new == .healthy else { return }
    (trouble, upBefore) = (nil, nil)
  }
}

extension HealthState {
  /// The report of the state.
  ///
  /// - Parameter cause: explains a failure.
  func report(_ thresholds: Thresholds, at moment: Moment, explainedBy cause: (ProbeFailure) -> String) -> HealthReport
  {
    HealthReport(
      status: status, since: since, lastChecked: lastChecked, latency: latency, detail: detail(thresholds),
      cause: causeText(cause), upSince: upSince, flapping: flaps.flapping(at: moment.instant))
  }

  private func detail(_ thresholds: Thresholds) -> String {
    switch last {
    case nil, .abandoned: "not checked yet"
    case .notCheckable(let reason): reason
    case .success(_, let detail):
      status == .healthy ? detail : "\(successes) of \(thresholds.rise) checks passed: \(detail)"
    case .failure(let failure): unconfirmed(.unhealthy, failure.summary, thresholds)
    case .impossible(let reason): unconfirmed(.error, reason, thresholds)
    }
  }

  /// Describes failures that have not changed the status yet: how many of how many.
  private func unconfirmed(_ settled: HealthStatus, _ summary: String, _ thresholds: Thresholds) -> String {
    status == settled || status == .starting
      ? summary : "\(failures) of \(thresholds.fall) checks failed: \(summary)"
  }

  private func causeText(_ cause: (ProbeFailure) -> String) -> String? {
    guard status != .healthy else { return nil }
    return switch trouble {
    case .failure(let failure): cause(failure)
    case .impossible(let reason): reason
    default: nil
    }
  }
}

/// A point in time on both clocks: the monotonic one for durations, the calendar's for people.
struct Moment: Sendable {
  private var compact: CompactInstant
  var date: Date

  init(instant: ContinuousClock.Instant, date: Date) { (compact, self.date) = (CompactInstant(instant), date) }

  var instant: ContinuousClock.Instant { compact.instant }

  static var now: Moment { Moment(instant: .now, date: Date()) }
}
