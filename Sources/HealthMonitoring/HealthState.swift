import FoundationEssentials
import RouteModel

/// The health of one route, as a machine that is fed outcomes and knows no clock.
///
/// Unknown until the first outcome. ``Thresholds/rise`` successes in a row make it healthy, ``Thresholds/fall`` failures
/// in a row unhealthy, or `error` if the last of them was the check's own; in between the status holds. A check that
/// cannot run is told at once while nothing is known yet.
struct HealthState: Sendable {
  struct Thresholds: Hashable, Sendable {
    let rise: Int
    let fall: Int

    /// Both count from 1.
    init(rise: Int, fall: Int) { (self.rise, self.fall) = (max(1, rise), max(1, fall)) }
  }

  private(set) var status = HealthStatus.unknown
  private var since: Date
  private var lastChecked: Date?
  private var latency: Duration?
  private var upSince: ContinuousClock.Instant?
  private var last: ProbeOutcome?
  /// The last outcome that was no success, while that explains the status.
  private var trouble: ProbeOutcome?
  private var successes = 0
  private var failures = 0

  init(at moment: Moment) { since = moment.date }

  /// Whether it failed and that is not settled yet.
  var isFirstSuspicion: Bool { status == .unknown && failures > 0 }

  mutating func record(_ outcome: ProbeOutcome, _ thresholds: Thresholds, at moment: Moment) {
    switch outcome {
    case .abandoned: return
    case .notCheckable:
      (successes, failures, trouble) = (0, 0, nil)
      become(.unknown, at: moment)
    case .success(let latency, _):
      (successes, failures) = (min(successes + 1, thresholds.rise), 0)
      self.latency = latency
      if successes >= thresholds.rise { become(.healthy, at: moment) }
    case .failure, .impossible:
      (successes, failures, trouble) = (0, min(failures + 1, thresholds.fall), outcome)
      become(statusAfterFailure(outcome, thresholds), at: moment)
    }
    last = outcome
    if case .notCheckable = outcome { lastChecked = nil } else { lastChecked = moment.date }
  }

  /// Forgets what was counted, not what is known: the check is another one from now on.
  mutating func restartCounting() { (successes, failures) = (0, 0) }

  private func statusAfterFailure(_ outcome: ProbeOutcome, _ thresholds: Thresholds) -> HealthStatus {
    if case .impossible = outcome {
      return failures >= thresholds.fall || status == .unknown ? .error : status
    }
    return failures >= thresholds.fall ? .unhealthy : status
  }

  private mutating func become(_ new: HealthStatus, at moment: Moment) {
    guard new != status else { return }
    (status, since) = (new, moment.date)
    upSince = new == .healthy ? moment.instant : nil
    if new == .healthy { trouble = nil }
  }
}

extension HealthState {
  /// The state in words.
  ///
  /// - Parameter cause: explains a failure.
  func report(_ thresholds: Thresholds, explainedBy cause: (ProbeFailure) -> String) -> HealthReport {
    HealthReport(
      status: status, since: since, lastChecked: lastChecked, latency: latency, detail: detail(thresholds),
      cause: causeText(cause), upSince: upSince)
  }

  private func detail(_ thresholds: Thresholds) -> String {
    switch last {
    case nil, .abandoned: "not checked yet"
    case .notCheckable(let reason): reason
    case .success(_, let detail):
      status == .healthy ? detail : "\(successes) of \(thresholds.rise) checks passed: \(detail)"
    case .failure(let failure): doubt(.unhealthy, failure.summary, thresholds)
    case .impossible(let reason): doubt(.error, reason, thresholds)
    }
  }

  /// Failures that have not changed the status yet are told as what they are: some of so many.
  private func doubt(_ settled: HealthStatus, _ summary: String, _ thresholds: Thresholds) -> String {
    status == settled ? summary : "\(failures) of \(thresholds.fall) checks failed: \(summary)"
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
