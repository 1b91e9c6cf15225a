import HTTPTransport
import PeerTrust
import RouteModel
import Testing

@testable import HealthMonitoring

@Suite struct ProbeSchedulerTests {
  private let day = Day()
  private var scheduler = ProbeScheduler()

  @Test mutating func probesANewRouteAtOnceAndLaterOnItsInterval() throws {
    _ = scheduler.watch([try .sample()], at: day.second(0))
    let job = try #require(take(at: 0).first)
    #expect(take(at: 60).isEmpty, "one probe of a route at a time")
    _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(1))

    var starts: [Double] = []
    for tenth in 10...610 {
      let second = Double(tenth) / 10
      for job in take(at: second) {
        starts.append(second)
        _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(second + 0.01))
      }
    }
    #expect(starts.count == 6)
    #expect(zip(starts, starts.dropFirst()).allSatisfy { abs($1 - $0 - 10) < 0.11 })
  }

  @Test mutating func spreadsManyRoutesOverTheInterval() throws {
    _ = scheduler.watch(try (0..<1000).map { try .sample("app-\($0)") }, at: day.second(0))
    var perSecond: [Int] = []
    for tenth in 0..<300 {
      let jobs = take(at: Double(tenth) / 10)
      perSecond.append(jobs.count)
      for job in jobs { _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(Double(tenth) / 10)) }
    }
    #expect(perSecond.prefix(20).allSatisfy { (1...51).contains($0) }, "no wave at the start: \(perSecond.prefix(30))")
    // All have had their first probe; the second ones follow within an interval, and then at regular times.
    let steady = perSecond.suffix(100)
    #expect(steady.reduce(0, +) == 1000)
    #expect(steady.allSatisfy { (5...15).contains($0) }, "\(steady)")
  }

  @Test mutating func anUpdateTouchesOnlyWhatItNames() throws {
    let routes = try ["a", "b", "c"].map { try MonitoredRoute.sample($0) }
    _ = scheduler.watch(routes, at: day.second(0))
    var jobs: [ProbeJob] = []
    for tenth in 0..<10 { jobs += take(at: Double(tenth) / 10) }
    #expect(Set(jobs.map(\.route)) == Set(routes.map(\.id)))
    for job in jobs { _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(1)) }
    var changed = routes[0]
    changed.target = .network(scheme: .http, host: "127.9.0.9", port: 80)
    _ = scheduler.update([changed], removing: [routes[1].id], at: day.second(2))
    #expect(changed.cell.report.status == .unknown, "a stranger")
    #expect(routes[2].cell.report.status == .healthy)
    var probed: Set<RouteID> = []
    for tenth in 20..<200 {
      for job in take(at: Double(tenth) / 10) {
        probed.insert(job.route)
        _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(Double(tenth) / 10))
      }
    }
    #expect(probed == [routes[0].id, routes[2].id])
  }

  @Test mutating func looksAgainSoonWhenTheFirstCheckFails() throws {
    let route = try MonitoredRoute.sample()
    _ = scheduler.watch([route], at: day.second(0))
    for second in [0.0, 1, 2] {
      let job = try #require(take(at: second).first, "nothing to do in second \(second)")
      let change = scheduler.finish(job, ProbeResult(outcome: .refused), at: day.second(second))
      #expect(change?.after.status == (second == 2 ? .unhealthy : .unknown))
    }
    #expect(route.cell.report.status == .unhealthy)
    #expect(take(at: 5).isEmpty, "settled: back to the interval")
  }

  @Test mutating func dropsAResultForATargetThatHasChanged() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell)], at: day.second(0))
    let old = try #require(take(at: 0).first)
    _ = scheduler.watch([try .sample(target: "127.9.0.2", cell: cell)], at: day.second(1))
    let turn = scheduler.startTurn(at: day.second(1).instant)
    #expect(turn.cancelled == [old.ticket])
    #expect(turn.jobs.isEmpty, "one probe of a route at a time")

    let change = scheduler.finish(old, ProbeResult(outcome: .ok), at: day.second(2))
    #expect(change == nil)
    #expect(cell.report.status == .unknown)
    let new = try #require(take(at: 2).first)
    #expect(new.target.upstream.host == "127.9.0.2")
    _ = scheduler.finish(new, ProbeResult(outcome: .ok), at: day.second(3))
    #expect(cell.report.status == .healthy)
  }

  @Test mutating func restartsWithAnotherUpstream() throws {
    let cell = try healthy()
    let changes = scheduler.watch([try .sample(target: "127.9.0.2", cell: cell)], at: day.second(5))
    #expect(changes.map(\.before.status) == [.healthy])
    #expect(changes.map(\.after.status) == [.unknown])
    #expect(cell.report.upSince == nil)
  }

  @Test mutating func keepsWhatIsKnownWhenOnlyTheCheckChanges() throws {
    let cell = try healthy()
    let changes = scheduler.watch([try .sample(check: HealthCheck(path: "/ping"), cell: cell)], at: day.second(5))
    #expect(changes.isEmpty)
    #expect(cell.report.status == .healthy)
    #expect(take(at: 5).map(\.target.path) == ["/ping"])
  }

  @Test mutating func leavesUnchangedRoutesAlone() throws {
    let cell = try healthy()
    #expect(scheduler.watch([try .sample(cell: cell)], at: day.second(2)).isEmpty)
    #expect(take(at: 2).isEmpty)
    #expect(cell.report.status == .healthy)
  }

  @Test mutating func givesItsReportToANewCell() throws {
    _ = try healthy()
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell)], at: day.second(2))
    #expect(cell.report.status == .healthy)
  }

  @Test mutating func explainsByTheNewLinkAtOnceAndLooksAgain() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let check = HealthCheck(unhealthyAfter: 1)
    _ = scheduler.watch([try .sample(check: check, cell: cell, link: .guest(.running))], at: day.second(0))
    let job = try #require(take(at: 0).first)
    _ = scheduler.finish(job, ProbeResult(outcome: .refused), at: day.second(0))
    #expect(cell.report.cause == "guest 105 (plex) is running, nothing listens on :80")

    let since = cell.report.since
    _ = scheduler.watch([try .sample(check: check, cell: cell, link: .guest(.stopped))], at: day.second(3))
    #expect(cell.report.cause == "guest 105 (plex) is stopped")
    #expect(cell.report.since == since)
    #expect(take(at: 3).count == 1)
  }

  @Test mutating func looksAtTheRoutesOfANodeWhoseStateChanges() throws {
    let cells = (0..<2).map { _ in HealthCell(.unknown("not checked yet")) }
    let check = HealthCheck(unhealthyAfter: 1)
    _ = scheduler.watch(
      [
        try .sample("a", check: check, cell: cells[0], link: .guest(.running, node: "pve1")),
        try .sample("b", check: check, cell: cells[1], link: .guest(.running, node: "pve2")),
      ], at: day.second(0))
    let timedOut = ProbeOutcome.failure(.timedOut(phase: "connecting", after: .seconds(5)))
    for job in take(at: 0.1) { _ = scheduler.finish(job, ProbeResult(outcome: timedOut), at: day.second(0)) }
    scheduler.pveStateChanged(
      nodes: [NodeID(cluster: "home", name: "pve2"): .offline], guestStarts: [:], at: day.second(1))
    #expect(cells.map(\.report.cause) == ["timed out after 5 s (connecting)", "node pve2 is offline"])
    #expect(take(at: 1).map(\.route.alias.text) == ["b"])
  }

  @Test mutating func looksAgainAfterAProbeDuringWhichTheGuestChanged() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell, link: .guest(.running))], at: day.second(0))
    let job = try #require(take(at: 0).first)
    _ = scheduler.watch([try .sample(cell: cell, link: .guest(.stopped))], at: day.second(1))
    #expect(take(at: 1).isEmpty)
    _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(2))
    #expect(take(at: 2).count == 1)
  }

  @Test(
    arguments: [
      (nil, false, "the link is open", "the link is open"),
      (nil, false, nil, "no target"),
      ("127.9.0.1", true, nil, "disabled"),
    ] as [(String?, Bool, String?, String)])
  mutating func saysWhyItProbesNothing(target: String?, isDisabled: Bool, reason: String?, detail: String) throws {
    let cell = try healthy()
    let route = try MonitoredRoute.sample(
      target: target, check: HealthCheck(isDisabled: isDisabled), cell: cell, unprobedReason: reason)
    let changes = scheduler.watch([route], at: day.second(5))
    #expect(changes.map(\.after.status) == [.unknown])
    #expect(cell.report.detail == detail)
    #expect(cell.report.lastChecked == nil)
    #expect(take(at: 1000).isEmpty)

    _ = scheduler.watch([try .sample(cell: cell)], at: day.second(1001))
    #expect(cell.report.detail == "not checked yet")
    #expect(take(at: 1001).count == 1)
  }

  @Test mutating func forgetsRoutesThatAreGone() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    _ = scheduler.watch([try .sample(cell: cell), try .sample("other")], at: day.second(0))
    let jobs = take(at: 0)
    _ = scheduler.watch([try .sample("other")], at: day.second(1))
    for job in jobs { _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(2)) }
    #expect(cell.report.status == .unknown)
    #expect(take(at: 100).map(\.route.alias.text) == ["other"])
  }

  @Test mutating func probesAtOnceUnderAnotherTrust() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let other = try MonitoredRoute.sample("other", scheme: .https)
    _ = scheduler.watch([try .sample(scheme: .https, cell: cell), other], at: day.second(0))
    for job in take(at: 0.1) {
      #expect(job.target.trust == .systemRoots)
      _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(0))
    }
    let changed = try MonitoredRoute.sample(scheme: .https, trust: .insecure, cell: cell)
    _ = scheduler.update([changed], removing: [], at: day.second(1))
    #expect(cell.report.status == .healthy)
    #expect(take(at: 1).map(\.target.trust) == [.insecure], "the others are left alone")
  }

  @Test mutating func remembersWhatAProbeLearnedUntilTheTargetChanges() throws {
    _ = scheduler.watch([try .sample()], at: day.second(0))
    let first = try #require(take(at: 0).first)
    let learned = ProbeMemory(refusesHead: true)
    _ = scheduler.finish(first, ProbeResult(outcome: .ok, memory: learned), at: day.second(0))
    let second = try #require(take(at: 100).first)
    #expect(second.memory == learned)
    _ = scheduler.finish(second, ProbeResult(outcome: .ok, memory: learned), at: day.second(100))
    _ = scheduler.watch([try .sample(port: 81)], at: day.second(101))
    #expect(take(at: 101).map(\.memory) == [ProbeMemory()])
  }

  /// The upstream is busy, so that no probe is made; one that hangs would be busy for ever.
  @Test mutating func aRouteOfWhichNothingIsLearntForLongIsOverdue() throws {
    _ = try healthy()
    var overdue: [Double] = []
    for second in (1...200).map(Double.init) {
      for job in take(at: second) {
        if job.isOverdue { overdue.append(second) }
        let outcome = job.isOverdue ? ProbeOutcome.refused : .abandoned
        _ = scheduler.finish(job, ProbeResult(outcome: outcome), at: day.second(second))
      }
    }
    #expect(overdue.count >= 2 && overdue[0] >= 60 && overdue[0] <= 71)
    #expect(zip(overdue, overdue.dropFirst()).allSatisfy { $1 - $0 >= 60 }, "\(overdue)")
  }

  @Test mutating func comesBackByItselfAfterAnHourWithoutNetwork() throws {
    let cell = try healthy()
    for second in 1..<3600 {
      for job in take(at: Double(second)) {
        _ = scheduler.finish(job, ProbeResult(outcome: .refused), at: day.second(Double(second)))
      }
    }
    #expect(cell.report.status == .unhealthy)
    for second in 3600..<3620 {
      for job in take(at: Double(second)) {
        _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(Double(second)))
      }
    }
    #expect(cell.report.status == .healthy)
  }

  @Test mutating func hangingTargetsDelayNoOthers() throws {
    let hanging = try (0..<200).map { try MonitoredRoute.sample("hangs-\($0)", target: "127.9.1.\($0)") }
    _ = scheduler.watch(hanging, at: day.second(0))
    var started = 0
    for tenth in 0..<20 { started += take(at: Double(tenth) / 10).count }
    #expect(started == 200)
    _ = scheduler.watch(hanging + [try .sample("quick")], at: day.second(2))
    #expect(take(at: 2).map(\.route.alias.text) == ["quick"])
  }

  @Test mutating func takesAThousandRoutesInOverAndOver() throws {
    let routes = try (0..<1000).map { try MonitoredRoute.sample("app-\($0)", link: .guest(.running)) }
    _ = scheduler.watch(routes, at: day.second(0))
    var fastest = Duration.seconds(3600)
    for _ in 0..<20 {
      fastest = min(fastest, ContinuousClock().measure { _ = scheduler.watch(routes, at: day.second(0)) })
    }
    // About 2 ms in a debug build on an idle machine; the bound only catches quadratic cost.
    #expect(fastest < .milliseconds(500), "at least \(fastest) a time")
  }

  private mutating func take(at second: Double) -> [ProbeJob] {
    scheduler.startTurn(at: day.second(second).instant).jobs
  }

  private mutating func healthy() throws -> HealthCell {
    let route = try MonitoredRoute.sample()
    _ = scheduler.watch([route], at: day.second(0))
    let job = try #require(take(at: 0).first)
    let change = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(0))
    #expect(change?.after.status == .healthy)
    return route.cell
  }
}
