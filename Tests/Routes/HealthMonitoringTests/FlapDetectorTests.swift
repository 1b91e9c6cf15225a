import RouteModel
import Testing

@testable import HealthMonitoring

@Suite struct FlapDetectorTests {
  private let day = Day()
  private let thresholds = HealthState.Thresholds(rise: 1, fall: 1)

  @Test func needsMoreThanAFewChangesWithinTheWindow() {
    var flaps = FlapDetector()
    for second in [0.0, 60, 120, 180] { flaps.record(at: day.second(second).instant) }
    #expect(flaps.flapping(at: day.second(180).instant) == nil)
    flaps.record(at: day.second(240).instant)
    #expect(flaps.flapping(at: day.second(240).instant) == HealthFlapping(changes: 5, minutes: 10))
    #expect(flaps.flapping(at: day.second(600).instant) != nil)
    #expect(flaps.flapping(at: day.second(601).instant) == nil, "the first one is out of the window")
  }

  @Test func isReportedWithTheStateAndEndsByItself() {
    var state = HealthState(at: day.second(0))
    for second in 0..<6 {
      state.record(second.isMultiple(of: 2) ? .ok : .refused, thresholds, at: day.second(Double(second) * 10))
    }
    let report = state.report(thresholds, at: day.second(50)) { _ in "because" }
    #expect(report.flapping?.changes == 5)
    #expect(report.summary == "flapping, 5 changes in 10 min: because")
    var well = report
    (well.status, well.cause, well.detail) = (.healthy, nil, "200 OK")
    #expect(well.summary == "flapping, 5 changes in 10 min; now 200 OK")
    #expect(state.report(thresholds, at: day.second(700)) { _ in "because" }.summary == "because")
  }

  @Test func aGuestThatIsStartedAgainDoesNotFlap() {
    var state = HealthState(at: day.second(0))
    for start in [0.0, 100] {
      for (outcome, isStarting) in [(ProbeOutcome.ok, false), (.refused, false), (.refused, true)] {
        state.record(outcome, thresholds, isStarting: isStarting, at: day.second(start))
      }
    }
    state.record(.ok, thresholds, at: day.second(200))
    #expect(state.report(thresholds, at: day.second(200)) { _ in "" }.flapping == nil)
  }
}
