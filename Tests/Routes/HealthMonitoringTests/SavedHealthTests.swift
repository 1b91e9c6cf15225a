import Foundation
import JSONDocument
import Logging
import RouteModel
import StateFiles
import TestSupport
import Testing

@testable import HealthMonitoring

/// The content of `health.json`, for any state of the file and the clock.
@Suite struct SavedHealthTests {
  private let folder: TemporaryDirectory
  private let book = LogBook()
  private var day = Day()

  init() throws {
    folder = try TemporaryDirectory()
    // The present is the hundredth second.
    day.clockChange = Date().timeIntervalSince1970 - 100 - day.second(0).date.timeIntervalSince1970
  }

  @Test func readsAFileWithWhateverNumbers() throws {
    let good = try sample()
    var (restoredCount, warnings) = (0, 0)
    for (value, text) in HostileNumbers.variants(of: good) {
      try folder.write(text, to: "health.json")
      let cell = HealthCell(.unknown("not checked yet"))
      let monitor = HealthMonitor(prober: ScriptedProber(), logger: book.logger)
      HealthKeeper(monitor: monitor, folder: folder.path, logger: book.logger).load()
      monitor.watch([try .sample(cell: cell)])
      _ = cell.summary(at: .now)
      cell.record { $0.add(.seconds(60), isUp: true, until: .now) }
      cell.record { $0.addProbe(.milliseconds(3), at: .now) }
      // A route that was never up in a minute is possible.
      let hour = try #require(cell.summary(at: .now).hour)
      #expect(value == "0" ? hour > 0 && hour <= 1 : hour == 1, "\(hour): \(text)")
      let isRestored = cell.summary(at: .now).recent.count > 1
      restoredCount += isRestored ? 1 : 0
      // Impossible values only affect their route, and are reported; possible ones are restored.
      #expect(book.lines.count - warnings == (isRestored ? 0 : 1), "\(text)")
      warnings = book.lines.count
      _ = monitor.saved()
    }
    #expect(restoredCount > 20, "what can be is taken")
  }

  @Test func aDamagedRouteCostsNoOther() throws {
    let good = try sample(aliases: ["plex", "sonarr"])
    // Of the first route only.
    let start = try #require(good.range(of: #""ordinal":0"#))
    try folder.write(good.replacingCharacters(in: start, with: #""ordinal":1e308"#), to: "health.json")
    let monitor = HealthMonitor(prober: ScriptedProber(), logger: book.logger)
    HealthKeeper(monitor: monitor, folder: folder.path, logger: book.logger).load()
    #expect(monitor.saved().count == 1)
    #expect(book.lines.count == 1 && book.lines[0].hasPrefix("warning: health history not restored in full"))
    #expect(book.lines[0].contains("1 of its parts"))
  }

  /// The file was written while the clock was ahead, and read after it was corrected.
  @Test func aClockThatWasAheadDoesNotEndTheFigures() throws {
    var scheduler = ProbeScheduler()
    var day = day
    day.clockChange += 3600 * 24 * 3650
    probe([try .sample(cell: .fresh)], of: &scheduler, day, from: 0, to: 120)
    let saved = scheduler.saved(at: day.second(120))
    day.clockChange -= 3600 * 24 * 3650
    scheduler = ProbeScheduler()
    scheduler.restore(saved, at: day.second(120).date)
    let route = try MonitoredRoute.sample(cell: .fresh)
    probe([route], of: &scheduler, day, from: 121, to: 300)
    #expect(route.cell.summary(at: day.second(300).date).hour == 1)
    #expect(route.cell.summary(at: day.second(300).date).month == 1)
    _ = scheduler.watch([], at: day.second(300))
    #expect(scheduler.saved(at: day.second(31 * 86400)).isEmpty, "it is forgotten after its time")
    var other = ProbeScheduler()
    other.restore(saved, at: day.second(120).date)
    #expect(other.saved(at: day.second(31 * 86400)).isEmpty, "even if its route is never watched again")
  }

  private func sample(aliases: [String] = ["plex"]) throws -> String {
    var scheduler = ProbeScheduler()
    probe(try aliases.map { try .sample($0, cell: .fresh) }, of: &scheduler, day, from: 0, to: 90)
    let file = StateFile<[SavedHealth]>(in: folder.path, name: "health", version: 1)
    try file.save(scheduler.saved(at: day.second(100)))
    return try String(contentsOfFile: file.path, encoding: .utf8)
  }

  private func probe(
    _ routes: [MonitoredRoute], of scheduler: inout ProbeScheduler, _ day: Day, from: Double, to: Double
  ) {
    _ = scheduler.watch(routes, at: day.second(from))
    for second in stride(from: from, to: to, by: 1) {
      for job in scheduler.startTurn(at: day.second(second).instant).jobs {
        _ = scheduler.finish(job, ProbeResult(outcome: .ok), at: day.second(second))
      }
    }
  }
}
