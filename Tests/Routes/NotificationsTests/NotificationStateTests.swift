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
  func reportsOnlySelectedRoutes(_ routes: [String], _ providers: [String], _ isTold: Bool) throws {
    let entry = try Samples.entry(selection: RouteSelection(routes: routes, providers: providers), firstUp: true)
    var state = NotificationState([entry])
    state.record(try Samples.observation("Plex", .healthy), at: now)
    #expect(state.dueJobs(at: now).jobs.count == (isTold ? 1 : 0))
  }

  @Test func entriesDoNotWaitForEachOther() throws {
    var state = NotificationState([try Samples.entry("a", firstUp: true), try Samples.entry("b", firstUp: true)])
    state.record(try Samples.observation("one", .healthy), at: now)
    state.record(try Samples.observation("two", .healthy), at: now)
    let jobs = state.dueJobs(at: now).jobs
    #expect(jobs.map(\.entry.name) == ["a", "b"])
    _ = state.finish(jobs[0], .failed(reason: "refused"), at: now)
    _ = state.finish(jobs[1], .taken, at: now)
    let (next, wake) = state.dueJobs(at: now)
    #expect(next.map(\.entry.name) == ["b"])
    #expect(next.map(\.notice.observation.key) == ["two"])
    #expect(wake == now + .seconds(1))
  }

  @Test func aChangedEntryRepeatsNothingAndTriesAtOnce() throws {
    var state = NotificationState([try Samples.entry(url: "http://127.0.0.1/wrong", neverUp: true)])
    state.record(try Samples.observation("mail", .unhealthy), at: now)
    _ = state.finish(state.dueJobs(at: now).jobs[0], .taken, at: now)
    state.record(try Samples.observation("waiting", .unhealthy), at: now)
    _ = state.finish(state.dueJobs(at: now).jobs[0], .failed(reason: "refused"), at: now)
    #expect(state.dueJobs(at: now).jobs.isEmpty)

    let changed = try Samples.entry(url: "http://127.0.0.1/right", neverUp: true)
    state.replace([changed, try Samples.entry("new", neverUp: true)])
    let jobs = state.dueJobs(at: now).jobs
    #expect(jobs.map(\.entry) == [changed])
    #expect(jobs.map(\.notice.observation.key) == ["waiting"])
    state.record(try Samples.observation("mail", .unhealthy), at: now)
    #expect(state.dueJobs(at: now).jobs.isEmpty)
  }

  @Test func aRemovedEntryDeliversNothingMore() throws {
    var state = NotificationState([try Samples.entry(neverUp: true)])
    state.record(try Samples.observation(.unhealthy), at: now)
    let job = state.dueJobs(at: now).jobs[0]
    state.replace([])
    #expect(state.finish(job, .failed(reason: "refused"), at: now) == nil)
    #expect(state.count == 0)
    #expect(state.problems.isEmpty)
  }

  @Test func aRouteThatComesAgainIsAnother() throws {
    var state = NotificationState([try Samples.entry()])
    state.record(try Samples.observation(.healthy), at: now)
    state.forget(try Samples.id("plex"))
    state.record(try Samples.observation(.unhealthy), at: now)
    #expect(state.dueJobs(at: now).jobs.isEmpty, "this one was never up")
  }

  @Test func namesWhatFailsWithoutItsSecret() throws {
    var state = NotificationState([
      try Samples.entry(url: "https://ntfy.example:8443/geheim?token=geheim", neverUp: true)
    ])
    state.record(try Samples.observation(.unhealthy), at: now)
    _ = state.finish(state.dueJobs(at: now).jobs[0], .failed(reason: "it answered 502"), at: now)
    #expect(
      state.problems.map(\.description) == [
        "pvescout.yml:3:5: warning: notify 'phone' cannot deliver to https://ntfy.example: it answered 502; waiting: 1"
      ])
  }

  @Test func wakesUpToReportHowARouteSettled() throws {
    var state = NotificationState([try Samples.entry(firstUp: true)])
    for status in [HealthStatus.healthy, .unhealthy] {
      var observation = try Samples.observation(status)
      observation.flapping = "5 changes in 10 min"
      state.record(observation, at: now)
    }
    let (jobs, wake) = state.dueJobs(at: now)
    #expect(jobs.map(\.notice.event) == [.up])
    #expect(wake == now + .seconds(600))
    _ = state.finish(jobs[0], .taken, at: now)
    let (settled, none) = state.dueJobs(at: now + .seconds(600))
    #expect(settled.map(\.notice.event) == [.down])
    #expect(none == nil)
  }

  /// The notices after a restart, depending on the state before and after it.
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
      old.record(try Samples.observation(status, after: Double(index)), at: now)
    }
    let kept = try JSONEncoder().encode(old.saved)
    var state = NotificationState([try Samples.entry()])
    state.restore(
      try JSONDecoder().decode([SavedAvailability].self, from: kept), at: now + .seconds(31), Samples.start + 31)
    state.record(try Samples.observation(after, after: 61), at: now + .seconds(61))
    let notices = state.dueJobs(at: now + .seconds(61)).jobs.map(\.notice)
    #expect(notices.map(\.event) == [expected].compactMap { $0 })
    if expected == .up { #expect(notices.first?.downSeconds == 60) }
  }

  /// The progress of a notice when the agent was killed.
  enum Progress: String, CaseIterable, Sendable {
    case waiting, underWay, unanswered, failed, underWayAgain, delivered, refused, overtaken
  }

  /// A delivered notice is not repeated, and an undelivered one is sent after the next start, only to that entry.
  @Test(arguments: Progress.allCases) func aKilledAgentRepeatsNothingAndForgetsNothing(_ progress: Progress) throws {
    let entries = [try Samples.entry("phone"), try Samples.entry("mail")]
    var old = NotificationState(entries)
    old.record(try Samples.observation(.healthy), at: now)
    old.record(try Samples.observation(.unhealthy, after: 1, cause: "gone"), at: now)
    var saved = old
    if progress != .waiting {
      let jobs = old.dueJobs(at: now).jobs
      #expect(jobs.map(\.entry.name) == ["phone", "mail"] && old.revision > saved.revision)
      saved = old
      _ = old.finish(jobs[1], .taken, at: now)
      switch progress {
      case .waiting, .underWay: break
      case .unanswered: old.markOverdue(jobs[0])
      case .failed, .underWayAgain: _ = old.finish(jobs[0], .failed(reason: "500"), at: now)
      case .delivered: _ = old.finish(jobs[0], .taken, at: now)
      case .refused: _ = old.finish(jobs[0], .refused(reason: "401"), at: now)
      case .overtaken:
        _ = old.finish(jobs[0], .failed(reason: "500"), at: now)
        old.record(try Samples.observation(.healthy, after: 2), at: now)
      }
      // Changes that matter after a restart are saved; an answer in time is not one.
      let isNews = old.saved != saved.saved
      #expect(isNews == (old.revision > saved.revision), "\(progress)")
      if progress == .underWayAgain { #expect(old.dueJobs(at: now + .seconds(60)).jobs.map(\.entry.name) == ["phone"]) }
    }
    let kept = try JSONDecoder().decode([SavedAvailability].self, from: try JSONEncoder().encode(old.saved))
    var state = NotificationState(entries)
    state.restore(kept, at: now, Samples.start + 31)
    #expect(state.saved == kept, "it lasts until it is offered again")
    let isUp = progress == .overtaken
    state.record(try Samples.observation(isUp ? .healthy : .unhealthy, after: 61, cause: "gone"), at: now)
    let due = state.dueJobs(at: now).jobs
    switch progress {
    case .waiting: #expect(due.map(\.entry.name) == ["phone", "mail"])
    case .unanswered, .failed, .underWayAgain: #expect(due.map(\.entry.name) == ["phone"])
    case .underWay, .delivered, .refused: #expect(due.isEmpty)
    // A receiver of the down gets the up, whether from the previous agent or this one.
    case .overtaken: #expect(due.map(\.notice.event) == [.up, .up] && due.allSatisfy { $0.notice.downtime != nil })
    }
    #expect(due.allSatisfy { isUp || $0.notice.event == .down && $0.notice.observation.since == Samples.start + 1 })
  }

  @Test func whatIsNoLongerSoIsNotToldAfterARestart() throws {
    var old = NotificationState([try Samples.entry()])
    for status in [HealthStatus.healthy, .unhealthy] { old.record(try Samples.observation(status), at: now) }
    var state = NotificationState([try Samples.entry()])
    state.restore(old.saved, at: now, Samples.start)
    state.record(try Samples.observation(.unknown), at: now)
    #expect(state.dueJobs(at: now).jobs.isEmpty, "it is not known yet")
    state.record(try Samples.observation(.healthy), at: now)
    #expect(state.dueJobs(at: now).jobs.map(\.notice.event) == [.up])
    state.forget(try Samples.id("plex"))
    #expect(state.saved.isEmpty)
  }

  @Test func whatWentWhileTheAgentWasAwayIsForgotten() throws {
    var state = NotificationState([])
    for alias in ["gone", "stays"] { state.record(try Samples.observation(alias, .healthy), at: now) }
    state.forget(allBut: [try Samples.id("stays")])
    #expect(state.saved.map(\.alias) == ["stays"])
  }
}
