import FoundationEssentials
import RouteModel
import Testing

@testable import Notifications

@Suite struct AvailabilityTests {
  private let now = ContinuousClock.now

  /// The notices for a series of statuses: `-` none, `U` first up, `u` up, `D` first down, `d` down.
  @Test(
    arguments: [
      ([HealthStatus.healthy], "U"),
      ([.unknown, .healthy, .unhealthy, .healthy, .unhealthy], "-Udud"),
      ([.unhealthy, .unhealthy, .healthy, .unhealthy], "D-Ud"),
      ([.healthy, .unhealthy, .error, .unhealthy, .healthy], "Ud--u"),
      ([.error, .healthy], "DU"),
      ([.healthy, .unknown, .healthy], "U--"),
      ([.healthy, .unhealthy, .unknown, .unhealthy, .starting, .healthy], "Ud---u"),
      ([.healthy, .napping, .starting, .healthy], "U---"),
      ([.healthy, .unknown, .unhealthy], "U-d"),
    ])
  func reportsOnlyUpsAndDowns(_ statuses: [HealthStatus], _ expected: String) throws {
    var availability = Availability()
    let notices = try statuses.map { status -> String in
      guard let notice = availability.record(try Samples.observation(status), at: now) else { return "-" }
      let letter = notice.event == .up ? "u" : "d"
      return notice.isFirst ? letter.uppercased() : letter
    }
    #expect(notices.joined() == expected)
  }

  @Test func anUpKnowsTheDowntimeThatItEnds() throws {
    var availability = Availability()
    _ = availability.record(try Samples.observation(.healthy), at: now)
    _ = availability.record(
      try Samples.observation(.unhealthy, after: 10, cause: "guest 105 is stopped"), at: now + .seconds(10))
    _ = availability.record(try Samples.observation(.error, after: 20, cause: "something else"), at: now + .seconds(20))
    // The wall clock was changed in the meantime, which has no effect.
    let up = try #require(
      availability.record(try Samples.observation(.healthy, after: -4_000_000), at: now + .seconds(135)))
    #expect(up.downSeconds == 125)
    #expect(up.downtime?.cause == "guest 105 is stopped")
    #expect(up.title == "plex is up again")
    #expect(up.message == "200 OK; was down for 2m 5s: guest 105 is stopped\nhttp://10.0.0.50:32400")
  }

  /// Texts of the upstream or PVE must not form separate lines.
  @Test func aReasonIsOneLineOfTheMessage() throws {
    var availability = Availability()
    let down = try #require(
      availability.record(try Samples.observation(.unhealthy, cause: "503 No\r\nplex is up\u{1B}[2J"), at: now))
    #expect(down.message == "503 No  plex is up [2J\nhttp://10.0.0.50:32400")
  }

  /// The clock was ahead when the state was saved, and has been set right since.
  @Test func aDowntimeThatBeganInTheFutureBeginsWithTheRestart() throws {
    let down = try Samples.observation(.unhealthy)
    let downtime = Notice.Downtime(since: down.since + 366 * 86400, start: now, cause: "guest 105 is stopped")
    var availability = Availability(
      SavedAvailability(down.id, wasUp: true, downtime: downtime), at: now, down.since)
    let up = try #require(availability.record(try Samples.observation(.healthy, after: 5), at: now + .seconds(5)))
    #expect(up.downSeconds == 5 && up.downtime?.since == down.since)
  }

  /// The first change of a flapping route is reported, and its final state if that differs.
  @Test(
    arguments: [
      ([HealthStatus.unhealthy, .healthy, .unhealthy], Notice.Event?.none),
      ([.unhealthy, .healthy, .unhealthy, .healthy], .up),
      ([.healthy, .unhealthy], .down),
    ])
  func reportsAFlappingRouteOnceAndItsFinalState(_ statuses: [HealthStatus], _ settled: Notice.Event?) throws {
    var availability = Availability()
    _ = availability.record(try Samples.observation(statuses[0] == .healthy ? .unhealthy : .healthy), at: now)
    var notices: [Notice] = []
    for (index, status) in statuses.enumerated() {
      var observation = try Samples.observation(status, after: Double(index))
      observation.flapping = "5 changes in 10 min"
      if let notice = availability.record(observation, at: now + .seconds(index)) { notices.append(notice) }
    }
    #expect(notices.count == 1)
    #expect(notices[0].message.hasPrefix("flapping, 5 changes in 10 min: "))
    let due = try #require(availability.due)
    #expect(due == now + .seconds(statuses.count - 1) + .seconds(600))
    #expect(availability.settle(at: due - .seconds(1)) == nil)
    let notice = availability.settle(at: due)
    #expect(notice?.event == settled)
    #expect(notice?.message.contains("flapping") != true)
    #expect(availability.due == nil)
  }

  @Test func aDownSaysWhyAndWhere() throws {
    let down = try Samples.down(cause: "guest 105 (plex) is stopped")
    #expect(down.title == "plex is down")
    #expect(down.message == "guest 105 (plex) is stopped\nhttp://10.0.0.50:32400, guest 105 (plex) on pve1")
  }

  @Test(
    arguments: [
      (0, "0s"), (59, "59s"), (60, "1m 0s"), (3599, "59m 59s"), (3600, "1h 0m"), (90_000, "1d 1h"),
    ])
  func putsTheDowntimeIntoWords(_ seconds: Int, _ expected: String) throws {
    #expect(try Samples.up(after: Double(seconds)).message.contains("was down for \(expected): "))
  }
}
