import Foundation
import Logging
import RouteModel
import StateFiles
import TestSupport
import Testing

@testable import HealthMonitoring

/// A route shows the history of its service, and never that of another.
@Suite(.timeLimit(.minutes(5))) struct HistoryOwnershipTests {
  private let day = Day()
  private var scheduler = ProbeScheduler()

  @Test mutating func countsTheTimeUpAndDownButNotUnknownTime() throws {
    let cell = HealthCell(.unknown("not checked yet"))
    let route = try MonitoredRoute.sample(check: HealthCheck(unhealthyAfter: 1), cell: cell)
    probe(route, from: 0, to: 600, .ok)
    probe(route, from: 600, to: 900, .refused)
    let summary = cell.summary(at: day.second(900).date)
    let hour = try #require(summary.hour)
    #expect((0.63...0.70).contains(hour), "\(hour)")
    #expect(summary.recent.last == .some(nil))
    #expect(summary.p50 != nil)
    // The machine was suspended for half an hour.
    probe(route, from: 2700, to: 2800, .ok)
    #expect((0.63...0.72).contains(try #require(cell.summary(at: day.second(2800).date).hour)))
  }

  /// Before and after: target and link.
  @Test(
    arguments: [
      // The same place.
      ("127.9.0.1", 80, ProxmoxLink.none, "127.9.0.1", 80, ProxmoxLink.none, true),
      ("127.9.0.1", 80, .none, "127.9.0.1", 80, .guest(.running), true),
      ("127.9.0.1", 80, .guest(.running), "127.9.0.1", 80, .node, true),
      // The same guest in another place.
      ("127.9.0.1", 80, .guest(.running), "127.9.0.2", 80, .guest(.running, node: "pve3"), true),
      ("127.9.0.1", 80, .guest(.running), "127.9.0.2", 80, .guest(.stopped, name: "other"), true),
      // Another service.
      ("127.9.0.1", 80, .guest(.running), "127.9.0.1", 81, .guest(.running), false),
      ("127.9.0.1", 80, .none, "127.9.0.2", 80, .none, false),
      ("127.9.0.1", 80, .guest(.running), "127.9.0.2", 80, .node, false),
    ] as [(String, UInt16, ProxmoxLink, String, UInt16, ProxmoxLink, Bool)])
  mutating func inheritsByTheService(
    host: String, port: UInt16, link: ProxmoxLink, newHost: String, newPort: UInt16, newLink: ProxmoxLink,
    isInherited: Bool
  ) throws {
    let before = try MonitoredRoute.sample(target: host, port: port, cell: .fresh, link: link)
    probe(before, from: 0, to: 60, .ok)
    // In place.
    let after = try MonitoredRoute.sample(target: newHost, port: newPort, cell: before.cell, link: newLink)
    _ = scheduler.watch([after], at: day.second(60))
    #expect(after.cell.history.isEmpty == !isInherited)

    // After a restart, and after the route was removed for a while.
    var first = ProbeScheduler()
    swap(&first, &scheduler)
    let again = try MonitoredRoute.sample(target: host, port: port, cell: .fresh, link: link)
    probe(again, from: 0, to: 60, .ok)
    let file = try JSONEncoder().encode(scheduler.saved(at: day.second(60)))
    var second = ProbeScheduler()
    second.restore(try JSONDecoder().decode([SavedHealth].self, from: file), at: day.second(60).date)
    _ = scheduler.watch([], at: day.second(61))
    for var scheduler in [second, scheduler] {
      let back = try MonitoredRoute.sample(target: newHost, port: newPort, cell: .fresh, link: newLink)
      _ = scheduler.watch([back], at: day.second(120))
      #expect(back.cell.history.isEmpty == !isInherited)
    }
  }

  @Test mutating func anotherAliasInheritsNothing() throws {
    probe(try .sample("plex"), from: 0, to: 60, .ok)
    let renamed = try MonitoredRoute.sample("media", cell: .fresh)
    _ = scheduler.watch([renamed], at: day.second(60))
    #expect(renamed.cell.history.isEmpty)
  }

  @Test mutating func whatHasNoTargetForAWhileKeepsItsHistory() throws {
    let route = try MonitoredRoute.sample(cell: .fresh, link: .guest(.running))
    probe(route, from: 0, to: 60, .ok)
    _ = scheduler.watch([try .sample(target: nil, cell: route.cell)], at: day.second(60))
    #expect(!route.cell.history.isEmpty)
    _ = scheduler.watch(
      [try .sample(target: "127.9.0.7", cell: route.cell, link: .guest(.running))], at: day.second(90))
    #expect(!route.cell.history.isEmpty, "the same guest at another address")
    _ = scheduler.watch([try .sample(target: "127.9.0.8", cell: route.cell)], at: day.second(120))
    #expect(route.cell.history.isEmpty)
  }

  /// The service's uptime after the agent was stopped for that many seconds.
  @Test(arguments: [(30.0, 630.0), (590, 1190), (7200, 0)])
  mutating func anUptimeGoesOnAfterAShortAbsence(seconds: Double, uptime: Double) throws {
    probe(try .sample(cell: .fresh), from: 0, to: 600, .ok)
    let saved = scheduler.saved(at: day.second(600))
    scheduler = ProbeScheduler()
    scheduler.restore(saved, at: day.second(600).date)
    let route = try MonitoredRoute.sample(cell: .fresh)
    probe(route, from: 600 + seconds, to: 601 + seconds, .ok)
    let found = route.cell.report.uptime(at: day.second(600 + seconds).instant)
    #expect(found >= .seconds(uptime - 1) && found <= .seconds(uptime + 1), "\(found)")
  }

  @Test mutating func forgetsRoutesThatAreLongGone() throws {
    probe(try .sample(cell: .fresh), from: 0, to: 60, .ok)
    _ = scheduler.watch([], at: day.second(60))
    #expect(scheduler.saved(at: day.second(29 * 86400)).count == 1)
    #expect(scheduler.saved(at: day.second(31 * 86400)).isEmpty)
  }

  @Test func keepsHistoriesInAFileOverRestarts() async throws {
    let folder = try TemporaryDirectory()
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    for isFirst in [true, false] {
      let prober = ScriptedProber()
      prober.answer("127.9.0.1", .ok)
      let monitor = HealthMonitor(prober: prober, logger: quiet)
      let keeper = HealthKeeper(monitor: monitor, folder: folder.path, logger: quiet)
      keeper.load()
      let check = HealthCheck(interval: .milliseconds(20))
      let route = try MonitoredRoute.sample(check: check, cell: .fresh)
      monitor.watch([route])
      #expect(route.cell.history.isEmpty == isFirst)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await monitor.run() }
        try await eventually("a few probes") { route.cell.history.summary(at: .now).recent.count > 3 ? true : nil }
        group.cancelAll()
      }
      // Ends at once because the task is cancelled, and saves before that.
      let ended = Task { try await keeper.run() }
      ended.cancel()
      try await ended.value
    }
    #expect(StateFile<[SavedHealth]>(in: folder.path, name: "health", version: 1).load().saved?.content.count == 1)
  }

  private mutating func probe(_ route: MonitoredRoute, from: Double, to: Double, _ outcome: ProbeOutcome) {
    _ = scheduler.watch([route], at: day.second(from))
    for second in stride(from: from, to: to, by: 1) {
      for job in scheduler.startTurn(at: day.second(second).instant).jobs {
        _ = scheduler.finish(job, ProbeResult(outcome: outcome), at: day.second(second))
      }
    }
  }
}

extension HealthCell {
  static var fresh: HealthCell { HealthCell(.unknown("not checked yet")) }
}
