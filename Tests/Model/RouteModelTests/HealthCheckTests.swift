import FoundationEssentials
import RouteModel
import Testing

@Suite struct HealthCheckTests {
  private let defaults = HealthCheck(
    interval: .seconds(20), timeout: .seconds(4), healthyAfter: 2, unhealthyAfter: 5)

  @Test func aRouteThatStatesNothingHasTheDefaults() {
    #expect(defaults.overridden(by: RouteDeclaration.HealthOverrides()) == defaults)
  }

  @Test func aCopyChangesAlone() {
    var copy = defaults
    copy.interval = .seconds(1)
    #expect(copy.interval == .seconds(1) && defaults.interval == .seconds(20))
    #expect(copy != defaults)
  }

  @Test func whatARouteStatesWins() {
    var declared = RouteDeclaration.HealthOverrides()
    declared.disable = true
    declared.path = "/ping"
    declared.useGet = true
    declared.interval = .seconds(1)
    declared.timeout = .milliseconds(500)
    declared.retries = 1
    #expect(
      defaults.overridden(by: declared)
        == HealthCheck(
          isDisabled: true, path: "/ping", useGet: true, interval: .seconds(1), timeout: .milliseconds(500),
          healthyAfter: 2, unhealthyAfter: 1))
  }
}

@Suite struct HealthReportTests {
  @Test func uptimeCountsFromTheLastRise() {
    let now = ContinuousClock.now
    var report = HealthReport.unknown("not checked yet", at: Date(timeIntervalSince1970: 0))
    #expect(report.uptime(at: now) == .zero)
    report.upSince = now - .seconds(90)
    #expect(report.uptime(at: now) == .seconds(90))
  }

  @Test func itsNumbersAreItsOwn() {
    let now = ContinuousClock.now
    var report = HealthReport.unknown("not checked yet")
    report.upSince = now + .seconds(1)
    var numbers = report.numbers(at: CompactInstant(now))
    #expect(numbers.status == .unknown && numbers.uptimeMicroseconds == 0 && numbers.latencyMicroseconds == nil)
    (report.status, report.upSince, report.latency) = (.healthy, now - .seconds(90), .nanoseconds(1_234_567))
    numbers = report.numbers(at: CompactInstant(now))
    #expect(numbers.status == .healthy && numbers.uptimeMicroseconds == 90_000_000)
    #expect(numbers.latencyMicroseconds == 1234)
    // Of a damaged file.
    report.upSince = now - .seconds(1 << 60)
    #expect(report.numbers(at: CompactInstant(now + .seconds(60))).uptimeMicroseconds > 0)
    #expect(HealthCell(report).numbers(at: CompactInstant(now)).status == .healthy)
  }

  @Test func allValuesOfARouteShareItsCell() {
    let cell = HealthCell(.unknown("not checked yet"))
    let other = cell
    other.report.status = .healthy
    #expect(cell.report.status == .healthy)
  }
}
