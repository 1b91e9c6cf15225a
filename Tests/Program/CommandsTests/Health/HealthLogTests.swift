import ControlAPI
import Foundation
import Testing

@testable import Commands

@Suite struct HealthLogTests {
  private static let time = LocalClock.stamp(of: Healths.now)

  private func event(_ key: String, _ before: String, _ after: HealthDetail) -> EventData.HealthEvent {
    let health = { (status: String) in
      HealthJSON(
        status: status, uptimeMilliseconds: 0, latencyMicroseconds: after.latencyMicroseconds, detail: after.detail)
    }
    return EventData.HealthEvent(
      at: Healths.now, key: key, alias: key, before: health(before), after: health(after.status), cause: after.cause)
  }

  @Test func beginsWithEveryRouteTroubleFirst() {
    var log = HealthLog()
    let list = Healths.list([Healths.health("a"), Healths.health("b", "unhealthy", cause: "guest 108 is stopped")])
    #expect(
      log.record(list, at: Healths.now) == [
        "\(Self.time)  b: unhealthy: guest 108 is stopped", "\(Self.time)  a: healthy 0.95 ms",
      ])
    #expect(log.record(list, at: Healths.now).isEmpty, "nothing changed")
  }

  @Test func reportsEachChangeOnce() {
    var log = HealthLog()
    _ = log.record(Healths.list([Healths.health("a")]), at: Healths.now)
    let down = Healths.health("a", "unhealthy", cause: "connection refused")
    #expect(
      log.record(event("a", "healthy", down)) == "\(Self.time)  a: healthy -> unhealthy: connection refused")
    #expect(log.record(Healths.list([down]), at: Healths.now).isEmpty)
    #expect(log.record(event("a", "healthy", down)) == nil)
    #expect(
      log.record(event("a", "unhealthy", Healths.health("a"))) == "\(Self.time)  a: unhealthy -> healthy 0.95 ms")
  }

  @Test func reportsRoutesThatComeAndGo() {
    var log = HealthLog()
    _ = log.record(Healths.list([Healths.health("a")]), at: Healths.now)
    #expect(
      log.record(Healths.list([Healths.health("b", "unknown", detail: "not checked yet")]), at: Healths.now) == [
        "\(Self.time)  b: unknown: not checked yet", "\(Self.time)  a: gone",
      ])
  }
}
