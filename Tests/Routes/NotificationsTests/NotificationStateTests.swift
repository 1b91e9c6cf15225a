import Foundation
import RouteModel
import Testing

@testable import Notifications

@Suite struct NotificationStateTests {
  private let now = ContinuousClock.now

  @Test(
    arguments: [
      (["plex"], [], true), (["PL*"], [], true), (["p?ex", "x"], [], true), (["plexx"], [], false),
      ([], ["file:routes"], true), ([], ["file:*"], true), ([], ["file:media"], false),
      (["plex"], ["file:media"], false), ([], [], true),
    ] as [([String], [String], Bool)])
  func tellsOnlyOfSelectedRoutes(_ routes: [String], _ providers: [String], _ isTold: Bool) throws {
    let entry = try Samples.entry(selection: RouteSelection(routes: routes, providers: providers), firstUp: true)
    var state = NotificationState([entry])
    state.take(try Samples.observation("Plex", .healthy), at: now)
    #expect(state.take(at: now).jobs.count == (isTold ? 1 : 0))
  }

  @Test func entriesDoNotWaitForEachOther() throws {
    var state = NotificationState([try Samples.entry("a", firstUp: true), try Samples.entry("b", firstUp: true)])
    state.take(try Samples.observation("one", .healthy), at: now)
    state.take(try Samples.observation("two", .healthy), at: now)
    let jobs = state.take(at: now).jobs
    #expect(jobs.map(\.entry.name) == ["a", "b"])
    _ = state.finish(jobs[0], .failed(reason: "refused"), at: now)
    _ = state.finish(jobs[1], .delivered, at: now)
    let (next, wake) = state.take(at: now)
    #expect(next.map(\.entry.name) == ["b"])
    #expect(next.map(\.notice.observation.key) == ["two"])
    #expect(wake == now + .seconds(1))
  }

  @Test func aChangedEntryRepeatsNothingAndTriesAtOnce() throws {
    var state = NotificationState([try Samples.entry(url: "http://127.0.0.1/wrong", neverUp: true)])
    state.take(try Samples.observation("told", .unhealthy), at: now)
    _ = state.finish(state.take(at: now).jobs[0], .delivered, at: now)
    state.take(try Samples.observation("waiting", .unhealthy), at: now)
    _ = state.finish(state.take(at: now).jobs[0], .failed(reason: "refused"), at: now)
    #expect(state.take(at: now).jobs.isEmpty)

    let changed = try Samples.entry(url: "http://127.0.0.1/right", neverUp: true)
    state.replace([changed, try Samples.entry("new", neverUp: true)])
    let jobs = state.take(at: now).jobs
    #expect(jobs.map(\.entry) == [changed])
    #expect(jobs.map(\.notice.observation.key) == ["waiting"])
    state.take(try Samples.observation("told", .unhealthy), at: now)
    #expect(state.take(at: now).jobs.isEmpty)
  }

  @Test func anEntryThatWentTellsNothingMore() throws {
    var state = NotificationState([try Samples.entry(neverUp: true)])
    state.take(try Samples.observation(.unhealthy), at: now)
    let job = state.take(at: now).jobs[0]
    state.replace([])
    #expect(state.finish(job, .failed(reason: "refused"), at: now) == nil)
    #expect(state.count == 0)
    #expect(state.problems.isEmpty)
  }

  @Test func aRouteThatComesAgainIsAnother() throws {
    var state = NotificationState([try Samples.entry()])
    state.take(try Samples.observation(.healthy), at: now)
    state.forget(try Samples.id("plex"))
    state.take(try Samples.observation(.unhealthy), at: now)
    #expect(state.take(at: now).jobs.isEmpty, "this one was never up")
  }

  @Test func namesWhatFailsWithoutItsSecret() throws {
    var state = NotificationState([
      try Samples.entry(url: "https://ntfy.example:8443/geheim?token=geheim", neverUp: true)
    ])
    state.take(try Samples.observation(.unhealthy), at: now)
    _ = state.finish(state.take(at: now).jobs[0], .failed(reason: "it answered 502"), at: now)
    #expect(
      state.problems.map(\.description) == [
        "pvescout.yml:3:5: warning: notify 'phone' cannot tell https://ntfy.example: it answered 502; waiting: 1"
      ])
  }

  @Test func wakesUpToTellHowARouteSettled() throws {
    var state = NotificationState([try Samples.entry(firstUp: true)])
    for status in [HealthStatus.healthy, .unhealthy] {
      var observation = try Samples.observation(status)
      observation.flapping = "5 changes in 10 min"
      state.take(observation, at: now)
    }
    let (jobs, wake) = state.take(at: now)
    #expect(jobs.map(\.notice.event) == [.up])
    #expect(wake == now + .seconds(600))
    _ = state.finish(jobs[0], .delivered, at: now)
    let (settled, none) = state.take(at: now + .seconds(600))
    #expect(settled.map(\.notice.event) == [.down])
    #expect(none == nil)
  }

  /// What is told after a restart, for what was known before it and what is found after it.
  @Test(
    arguments: [
      ([HealthStatus.healthy], HealthStatus.unhealthy, Notice.Event?.some(.down)),
      ([.healthy], .healthy, nil),
      ([.healthy, .unhealthy], .healthy, .up),
      ([.healthy, .unhealthy], .unhealthy, nil),
      ([.unhealthy], .healthy, nil),
      ([.unknown], .healthy, nil),
    ])
  func aRestartRepeatsNothingAndMissesNothing(
    _ before: [HealthStatus], _ after: HealthStatus, _ expected: Notice.Event?
  ) throws {
    var old = NotificationState([])
    for (index, status) in before.enumerated() {
      old.take(try Samples.observation(status, after: Double(index)), at: now)
    }
    let kept = try JSONEncoder().encode(old.saved)
    var state = NotificationState([try Samples.entry()])
    state.restore(
      try JSONDecoder().decode([SavedAvailability].self, from: kept), at: now + .seconds(31), Samples.start + 31)
    state.take(try Samples.observation(after, after: 61), at: now + .seconds(61))
    let notices = state.take(at: now + .seconds(61)).jobs.map(\.notice)
    #expect(notices.map(\.event) == [expected].compactMap { $0 })
    if expected == .up { #expect(notices.first?.downSeconds == 60) }
  }

  @Test func whatWentWhileTheAgentWasAwayIsForgotten() throws {
    var state = NotificationState([])
    for alias in ["gone", "stays"] { state.take(try Samples.observation(alias, .healthy), at: now) }
    state.forget(allBut: [try Samples.id("stays")])
    #expect(state.saved.map(\.alias) == ["stays"])
  }
}
