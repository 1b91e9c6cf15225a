import RouteModel
import Testing

@testable import Notifications

@Suite struct AvailabilityTests {
  /// What is told of a series of statuses: `-` nothing, `U` first up, `u` up, `D` first down, `d` down.
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
  func tellsOnlyUpsAndDowns(_ statuses: [HealthStatus], _ expected: String) throws {
    var availability = Availability()
    let told = try statuses.map { status -> String in
      guard let notice = availability.take(try Samples.observation(status)) else { return "-" }
      let letter = notice.event == .up ? "u" : "d"
      return notice.isFirst ? letter.uppercased() : letter
    }
    #expect(told.joined() == expected)
  }

  @Test func anUpKnowsTheDowntimeThatItEnds() throws {
    var availability = Availability()
    _ = availability.take(try Samples.observation(.healthy))
    _ = availability.take(try Samples.observation(.unhealthy, after: 10, cause: "guest 105 is stopped"))
    _ = availability.take(try Samples.observation(.error, after: 20, cause: "something else"))
    let up = try #require(availability.take(try Samples.observation(.healthy, after: 135)))
    #expect(up.downSeconds == 125)
    #expect(up.downtime?.cause == "guest 105 is stopped")
    #expect(up.title == "plex is up again")
    #expect(up.message == "200 OK; was down for 2m 5s: guest 105 is stopped\nhttp://10.0.0.50:32400")
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
