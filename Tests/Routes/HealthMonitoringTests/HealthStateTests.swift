import Foundation
import RouteModel
import Testing

@testable import HealthMonitoring

@Suite struct HealthStateTests {
  private let day = Day()

  /// The status after each outcome: `+` a success, `-` a failure, `!` a check that cannot run, `?` a state that cannot
  /// be determined, `~` a cancelled check.
  @Test(arguments: [
    (rise: 1, fall: 3, outcomes: "+", statuses: "h"),
    (rise: 1, fall: 3, outcomes: "---", statuses: "??u"),
    (rise: 1, fall: 3, outcomes: "+--+--", statuses: "hhhhhh"),
    (rise: 1, fall: 3, outcomes: "+---+", statuses: "hhhuh"),
    (rise: 2, fall: 3, outcomes: "++", statuses: "?h"),
    (rise: 2, fall: 2, outcomes: "++--+-++", statuses: "?hhuuuuh"),
    (rise: 2, fall: 1, outcomes: "-+-++", statuses: "uuuuh"),
    (rise: 1, fall: 1, outcomes: "+-+-", statuses: "huhu"),
    (rise: 1, fall: 3, outcomes: "!", statuses: "e"),
    (rise: 1, fall: 3, outcomes: "+!!!+", statuses: "hhheh"),
    (rise: 1, fall: 3, outcomes: "---!-", statuses: "??ueu"),
    (rise: 1, fall: 3, outcomes: "!--", statuses: "eeu"),
    (rise: 1, fall: 2, outcomes: "?+--?-", statuses: "?hhu??"),
    (rise: 1, fall: 2, outcomes: "~-~-", statuses: "???u"),
    (rise: 0, fall: 0, outcomes: "+-", statuses: "hu"),
  ])
  func countsInARowUntilTheStatusChanges(rise: Int, fall: Int, outcomes: String, statuses: String) {
    var state = HealthState(at: day.second(0))
    var seen = ""
    for (second, symbol) in outcomes.enumerated() {
      state.record(outcome(symbol), .init(rise: rise, fall: fall), at: day.second(Double(second)))
      seen.append(self.symbol(state.status))
    }
    #expect(seen == statuses)
  }

  @Test(arguments: [
    ("", "not checked yet", nil),
    ("-", "1 of 3 checks failed: connection refused", "because"),
    ("--", "2 of 3 checks failed: connection refused", "because"),
    ("---", "connection refused", "because"),
    ("--------", "connection refused", "because"),
    ("---+", "1 of 2 checks passed: 200 OK", "because"),
    ("+", "1 of 2 checks passed: 200 OK", nil),
    ("++", "200 OK", nil),
    ("++-", "1 of 3 checks failed: connection refused", nil),
    ("++-+", "200 OK", nil),
    ("!", "the name 'nas.test' does not resolve", "the name 'nas.test' does not resolve"),
    ("!-", "2 of 3 checks failed: connection refused", "because"),
    ("++!", "1 of 3 checks failed: the name 'nas.test' does not resolve", nil),
    ("?", "UDP cannot be checked without a payload", nil),
    ("-?", "UDP cannot be checked without a payload", nil),
  ])
  func saysHowFarItGot(outcomes: String, detail: String, cause: String?) {
    let report = report(after: outcomes, .init(rise: 2, fall: 3))
    #expect(report.detail == detail)
    #expect(report.cause == cause)
  }

  @Test func keepsTheMomentsOfChangesAndTheLatencyOfTheLastSuccess() {
    let thresholds = HealthState.Thresholds(rise: 1, fall: 2)
    var state = HealthState(at: day.second(0))
    func report() -> HealthReport { state.report(thresholds, at: day.second(1)) { _ in "because" } }
    #expect(report().lastChecked == nil)
    #expect(report().since == day.second(0).date)

    state.record(.ok, thresholds, at: day.second(10))
    state.record(.success(latency: .milliseconds(7), detail: "200 OK"), thresholds, at: day.second(20))
    #expect(report().since == day.second(10).date)
    #expect(report().lastChecked == day.second(20).date)
    #expect(report().latency == .milliseconds(7))
    #expect(report().uptime(at: day.second(40).instant) == .seconds(30))

    state.record(.refused, thresholds, at: day.second(30))
    #expect(report().uptime(at: day.second(40).instant) == .seconds(30), "one lost check is no outage")
    state.record(.refused, thresholds, at: day.second(40))
    #expect(report().since == day.second(40).date)
    #expect(report().uptime(at: day.second(50).instant) == .zero)
    #expect(report().latency == .milliseconds(7))

    state.record(.ok, thresholds, at: day.second(60))
    #expect(report().uptime(at: day.second(65).instant) == .seconds(5))
  }

  /// As above; `s` is a failure while the guest has only just started.
  @Test(arguments: [
    (fall: 3, outcomes: "s", statuses: "s"),
    (fall: 3, outcomes: "ss+", statuses: "ssh"),
    (fall: 3, outcomes: "+sss", statuses: "hhhs"),
    (fall: 3, outcomes: "---s+", statuses: "??ush"),
    (fall: 3, outcomes: "ssss-", statuses: "ssssu"),
    (fall: 3, outcomes: "s--", statuses: "ssu"),
  ])
  func isStartingWhileTheGuestHasJustStarted(fall: Int, outcomes: String, statuses: String) {
    var state = HealthState(at: day.second(0))
    var seen = ""
    for symbol in outcomes {
      let thresholds = HealthState.Thresholds(rise: 1, fall: fall)
      state.record(
        outcome(symbol == "s" ? "-" : symbol), thresholds, isStarting: symbol == "s", at: day.second(1))
      seen.append(self.symbol(state.status))
    }
    #expect(seen == statuses)
  }

  @Test func anUptimeFromBeforeGoesOnIfTheServiceIsFoundUp() {
    let thresholds = HealthState.Thresholds(rise: 1, fall: 1)
    for (outcomes, uptime) in [("+", 3600.0), ("-+", 0), ("~+", 3600)] {
      var state = HealthState(at: day.second(0), upBefore: day.second(-3600).date)
      for symbol in outcomes { state.record(outcome(symbol), thresholds, at: day.second(0)) }
      let report = state.report(thresholds, at: day.second(0)) { _ in "" }
      #expect(report.uptime(at: day.second(0).instant) == .seconds(uptime), "\(outcomes)")
      #expect(state.upSince(at: day.second(0)) == day.second(-uptime).date)
    }
  }

  @Test(arguments: [86_400.0, -86_400])
  func aJumpOfTheCalendarBeforeTheFirstOutcomeIsNoUptime(jump: Double) {
    let thresholds = HealthState.Thresholds(rise: 1, fall: 1)
    var state = HealthState(at: day.second(0), upBefore: day.second(-3600).date)
    let moment = Moment(instant: day.second(2).instant, date: day.second(2 + jump).date)
    state.record(.ok, thresholds, at: moment)
    #expect(state.report(thresholds, at: moment) { _ in "" }.uptime(at: moment.instant) == .seconds(3602))
  }

  @Test func doesNotCallUncheckableACheck() {
    #expect(report(after: "?", .init(rise: 1, fall: 3)).lastChecked == nil)
  }

  @Test func resetsTheCountersAfterAChangeOfTheCheck() {
    var state = HealthState(at: day.second(0))
    let thresholds = HealthState.Thresholds(rise: 1, fall: 2)
    for outcome in [ProbeOutcome.ok, .refused] { state.record(outcome, thresholds, at: day.second(1)) }
    state.restartCounting()
    state.record(.refused, thresholds, at: day.second(2))
    #expect(state.status == .healthy)
  }

  private func report(after outcomes: String, _ thresholds: HealthState.Thresholds) -> HealthReport {
    var state = HealthState(at: day.second(0))
    for symbol in outcomes { state.record(outcome(symbol), thresholds, at: day.second(1)) }
    return state.report(thresholds, at: day.second(1)) { _ in "because" }
  }

  private func outcome(_ symbol: Character) -> ProbeOutcome {
    switch symbol {
    case "+": .ok
    case "-": .refused
    case "!": .unresolved
    case "?": .notCheckable(reason: "UDP cannot be checked without a payload")
    default: .abandoned
    }
  }

  private func symbol(_ status: HealthStatus) -> Character {
    status == .unknown ? "?" : status.rawValue.first ?? " "
  }
}
