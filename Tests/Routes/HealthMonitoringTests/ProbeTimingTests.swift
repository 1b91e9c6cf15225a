import Foundation
import RouteModel
import Testing

@testable import HealthMonitoring

/// When the scheduler probes earlier, later, or not at all.
@Suite struct ProbeTimingTests {
  private var day = Day()
  private var scheduler = ProbeScheduler()
  private let pve2 = NodeID(cluster: "home", name: "pve2")
  private let guest = GuestID(cluster: "home", vmid: 105)

  @Test mutating func asksOfTenAndTenSecondsInTheLongRunWhileItFails() throws {
    _ = scheduler.watch([try .sample()], at: day.second(0))
    let starts = starts(for: 300, .refused)
    #expect((30...36).contains(starts.count), "\(starts)")
  }

  @Test mutating func triesACheckThatCannotRunLessAndLessOftenForEver() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell)], at: day.second(0))
    let starts = starts(for: 3600, .unresolved)
    let pauses = zip(starts, starts.dropFirst()).map { $1 - $0 }
    #expect(cell.report.status == .error)
    #expect(pauses.max() ?? 0 <= 60, "\(pauses)")
    #expect(pauses.suffix(10).allSatisfy { $0 == 60 })
    #expect(starts.last ?? 0 > 3500)
    _ = self.starts(from: 3601, for: 65, .ok)
    #expect(cell.report.status == .healthy)
  }

  @Test mutating func looksCloserAtWhatPVESaysIsGone() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell, link: .guest(.running))], at: day.second(0))
    _ = starts(for: 25, .ok)
    _ = scheduler.watch([try .sample(cell: cell, link: .guest(.stopped))], at: day.second(26))
    #expect(starts(from: 26, for: 3, .refused) == [26, 27, 28])
    #expect(cell.report.status == .unhealthy)
    #expect(cell.report.cause == "guest 105 (plex) is stopped")
  }

  @Test mutating func isStartingUntilTheGraceIsOver() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let check = HealthCheck(startGrace: .seconds(30))
    _ = scheduler.watch([try .sample(check: check, cell: cell, link: .guest(.running))], at: day.second(100))
    scheduler.pveStateChanged(nodes: [:], guestStarts: [guest: day.second(95).instant], at: day.second(100))
    let starts = starts(from: 100, for: 24, .refused)
    #expect(starts.count > 20, "a service that is about to come is awaited")
    #expect(cell.report.status == .starting)
    #expect(cell.report.cause == "guest 105 (plex) started 28 s ago, nothing listens on :80 yet")
    _ = self.starts(from: 124, for: 10, .refused)
    #expect(cell.report.status == .unhealthy)
    #expect(cell.report.cause == "guest 105 (plex) is running, nothing listens on :80")
  }

  @Test mutating func aGuestThatTheAgentStartsIsNotDown() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell, link: .guest(.stopped))], at: day.second(0))
    _ = starts(for: 40, .refused)
    #expect(cell.report.status == .unhealthy)
    scheduler.guestsAreBeingStarted([guest], at: day.second(40))
    #expect(starts(from: 40, for: 10, .refused).count > 8, "a service that is about to come is awaited")
    #expect(cell.report.status == .starting)
    #expect(cell.report.cause == "guest 105 (plex) is being started")
    scheduler.guestsAreBeingStarted([], at: day.second(50))
    _ = starts(from: 50, for: 40, .refused)
    #expect(cell.report.status == .unhealthy)
    #expect(cell.report.cause == "guest 105 (plex) is stopped")
  }

  @Test mutating func aGuestThatSleepsByDesignIsNotProbed() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let route = try MonitoredRoute.sample(cell: cell, link: .guest(.stopped))
    _ = scheduler.watch([route], at: day.second(0))
    _ = starts(for: 20, .ok)
    let changes = scheduler.guestsAreNapping([guest], at: day.second(20))
    #expect(changes.map(\.after.status) == [.napping])
    #expect(cell.report.cause == nil && cell.report.upSince == nil)
    #expect(starts(from: 20, for: 60, .refused).isEmpty)
    _ = scheduler.watch([try .sample(port: 81, cell: cell, link: .guest(.stopped))], at: day.second(80))
    #expect(cell.report.status == .napping, "another target changes nothing about that")
    #expect(starts(from: 80, for: 20, .refused).isEmpty)
    #expect(scheduler.guestsAreNapping([], at: day.second(100)).isEmpty)
    #expect(starts(from: 100, for: 2, .ok) == [100])
    #expect(cell.report.status == .healthy && cell.report.flapping == nil)
  }

  @Test(arguments: [-34_560_000.0, 34_560_000.0]) mutating func graceIsNotMeasuredByTheCalendar(jump: Double) throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let check = HealthCheck(startGrace: .seconds(30))
    _ = scheduler.watch([try .sample(check: check, cell: cell, link: .guest(.running))], at: day.second(100))
    scheduler.pveStateChanged(nodes: [:], guestStarts: [guest: day.second(95).instant], at: day.second(100))
    day.clockChange = jump
    _ = starts(from: 100, for: 24, .refused)
    #expect(cell.report.status == .starting)
    _ = starts(from: 124, for: 10, .refused)
    #expect(cell.report.status == .unhealthy)
  }

  @Test mutating func aServiceThatDiesAfterItsGuestsStartIsNotStarting() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let check = HealthCheck(interval: .seconds(2))
    _ = scheduler.watch([try .sample(check: check, cell: cell, link: .guest(.running))], at: day.second(100))
    scheduler.pveStateChanged(nodes: [:], guestStarts: [guest: day.second(99).instant], at: day.second(100))
    _ = starts(from: 100, for: 2, .ok)
    _ = starts(from: 102, for: 8, .refused)
    #expect(cell.report.status == .unhealthy)
  }

  @Test mutating func looksAtOnceWhenAGuestWasRestarted() throws {
    _ = scheduler.watch([try .sample(link: .guest(.running))], at: day.second(0))
    _ = starts(for: 15, .ok)
    // PVE reports the uptime with a delay: it is the same start.
    for start in [-3600.0, -3590] {
      scheduler.pveStateChanged(nodes: [:], guestStarts: [guest: day.second(start).instant], at: day.second(15.1))
      _ = starts(from: 15.1, for: 0.1, .ok)
    }
    #expect(scheduler.startTurn(at: day.second(15.2).instant).jobs.isEmpty)
    scheduler.pveStateChanged(nodes: [:], guestStarts: [guest: day.second(14).instant], at: day.second(15.3))
    #expect(scheduler.startTurn(at: day.second(15.3).instant).jobs.count == 1)
  }

  @Test mutating func spreadsTheManyRoutesOfANodeThatGoes() throws {
    let routes = try (0..<1000).map {
      try MonitoredRoute.sample("app-\($0)", target: "127.9.\($0 / 250).\($0 % 250)", link: .guest(.running))
    }
    _ = scheduler.watch(routes, at: day.second(0))
    _ = starts(for: 40, .ok)
    scheduler.pveStateChanged(nodes: [pve2: .offline], guestStarts: [:], at: day.second(40))
    #expect(scheduler.startTurn(at: day.second(40).instant).jobs.count < 20)
    #expect(starts(from: 40, for: 4, .ok).count >= 960)
  }

  @Test mutating func asksOneTargetOnlySoMuchAtATimeAndOthersMeanwhile() throws {
    let crowd = try (0..<200).map { try MonitoredRoute.sample("path-\($0)") }
    _ = scheduler.watch(crowd + [try .sample("other", target: "127.9.0.2")], at: day.second(0))
    let jobs = scheduler.startTurn(at: day.second(1).instant).jobs
    #expect(jobs.count { $0.target.upstream.host == "127.9.0.1" } == 16)
    #expect(jobs.count { $0.target.upstream.host == "127.9.0.2" } == 1)
    // Hanging probes release their slots after a while, and the next ones start.
    #expect(scheduler.startTurn(at: day.second(1.3).instant).jobs.count == 16)
    for job in jobs { _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(1.3)) }
    #expect(scheduler.startTurn(at: day.second(1.6).instant).jobs.count == 16)
  }

  @Test mutating func callsOffTheProbeOfARouteThatIsGone() throws {
    _ = scheduler.watch([try .sample()], at: day.second(0))
    let ticket = scheduler.startTurn(at: day.second(0).instant).jobs.map(\.ticket)
    _ = scheduler.watch([], at: day.second(1))
    #expect(scheduler.startTurn(at: day.second(1).instant).cancelled == ticket)
  }

  @Test mutating func reportsHowLateProbesBegin() throws {
    _ = scheduler.watch([try .sample()], at: day.second(0))
    _ = scheduler.startTurn(at: day.second(0.5).instant)
    #expect(scheduler.load == ProbeLoad(probes: 1, worstLateness: .milliseconds(500)))
  }

  /// The start times of probes in tenths of seconds; each ends at once with that outcome.
  private mutating func starts(from first: Double = 0, for seconds: Double, _ outcome: ProbeOutcome) -> [Double] {
    var starts: [Double] = []
    for tenth in 0..<Int((seconds * 10).rounded()) {
      let second = (first * 10 + Double(tenth)) / 10
      for job in scheduler.startTurn(at: day.second(second).instant).jobs {
        starts.append(second)
        _ = scheduler.finish(job, ProbeResult(outcome: outcome), at: day.second(second))
      }
    }
    return starts
  }
}
