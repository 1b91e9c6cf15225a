import ControlAPI
import Testing

@testable import Commands

@Suite struct HealthTableTests {
  @Test func showsTroubleOnTop() {
    let health = { (status: String, detail: String) in
      Health(status: status, uptimeMilliseconds: 0, latencyMicroseconds: nil, detail: detail)
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

  /// The latency of the last success is of no interest for a route that is down since.
  @Test func showsTheLatencyOfWhatIsHealthy() {
    let health = { (status: String) in
      Health(status: status, uptimeMilliseconds: 0, latencyMicroseconds: 550, detail: "")
    }
    let list = HealthList(generation: 1, health: ["a": health("healthy"), "b": health("unhealthy")])
    let lines = HealthTable.render(list, style: .plain).split(separator: "\n")
    #expect(lines.first { $0.hasPrefix("a") }?.contains("0.55 ms") == true)
    #expect(lines.first { $0.hasPrefix("b") }?.contains("ms") == false)
  }
}
