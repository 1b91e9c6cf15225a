import ControlAPI
import Testing

@testable import Commands

@Suite struct HealthTableTests {
  @Test func showsTroubleOnTop() {
    let health = { (status: String, detail: String) in
      HealthJSON(status: status, uptimeMilliseconds: 0, latencyMicroseconds: nil, detail: detail)
    }
    let list = HealthList(
      generation: 1,
      health: [
        "a": health("healthy", "200 OK"), "b": health("unknown", "disabled"), "c": health("unhealthy", "refused"),
        "d": health("error", "no folder"), "e": health("starting", "started just now"),
        "f": health("unknown", "no target"), "g": health("healthy", "200 OK"),
      ])
    let lines = HealthTable.render(list, style: .plain).split(separator: "\n").dropFirst()
    #expect(lines.map { String($0.prefix(1)) } == ["c", "d", "e", "f", "a", "g", "b"])
  }

  @Test(arguments: [24, 40, 60]) func saysWhatIsWrongBelowARouteIfThereIsNoRoomBesideIt(width: Int) {
    let cause = "guest 108 (nextcloud) is running, nothing listens on :11000"
    let health = { (status: String, detail: String) in
      HealthJSON(status: status, uptimeMilliseconds: 0, latencyMicroseconds: 550, detail: detail)
    }
    let list = HealthList(generation: 1, health: ["a": health("healthy", "200 OK"), "b": health("unhealthy", cause)])
    let lines = HealthTable.render(list, style: TableStyle(width: width)).split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= width }, "\(lines)")
    let below = lines.drop { !$0.hasPrefix("b ") }.dropFirst().prefix { $0.hasPrefix("    ") }
    #expect(below.map { String($0.dropFirst(4)) }.joined(separator: " ") == cause, "\(lines)")
    #expect(lines.last?.hasPrefix("a ") == true && !lines.joined().contains("200 OK"))
    #expect(HealthTable.render(list, style: .plain).contains("-  \(cause)\n"), "on its line where there is room")
  }

  /// The latency of the last success is of no interest for a route that is down since.
  @Test func showsTheLatencyOfWhatIsHealthy() {
    let health = { (status: String) in
      HealthJSON(status: status, uptimeMilliseconds: 0, latencyMicroseconds: 550, detail: "")
    }
    let list = HealthList(generation: 1, health: ["a": health("healthy"), "b": health("unhealthy")])
    let lines = HealthTable.render(list, style: .plain).split(separator: "\n")
    #expect(lines.first { $0.hasPrefix("a") }?.contains("0.55 ms") == true)
    #expect(lines.first { $0.hasPrefix("b") }?.contains("ms") == false)
  }
}
