import ControlAPI
import Foundation

@testable import Commands

/// Routes in all health states, as reported by an agent.
enum Healths {
  static let now = Date(timeIntervalSince1970: 1_790_000_000)

  static func health(
    _ key: String, _ status: String = "healthy", cause: String? = nil, detail: String = "200 OK",
    latencies: [Int64?] = [950], hours: [Double?] = [], day: Double? = nil, age: Int64 = 300
  ) -> HealthDetail {
    let isUp = status == "healthy"
    var health = HealthDetail(
      key: key, alias: key, target: nil,
      health: HealthJSON(
        status: status, uptimeMilliseconds: isUp ? age * 1000 : 0, latencyMicroseconds: latencies.last ?? nil,
        detail: cause ?? detail), since: now - Double(age), lastChecked: now, cause: cause)
    health.latency = LatencySummary(recent: latencies)
    health.uptimeByHour = hours
    health.uptime = UptimeRatios(day: day)
    return health
  }

  static let all: [HealthDetail] = [
    health(
      "jellyfin", latencies: [900, 1000, 1100, 1000, 5000, nil, 1000, 1000], hours: Array(repeating: 1, count: 24),
      day: 1),
    health("old", "unknown", detail: "disabled", latencies: []),
    health(
      "nextcloud", "unhealthy", cause: "guest 108 (nextcloud) is stopped", latencies: [nil, nil],
      hours: Array(repeating: nil, count: 20) + [1, 0.95, 0.4, 0], day: 0.5875, age: 7500),
    health("web", "unknown", detail: "no target while the link is ambiguous", latencies: []),
    health(
      "a-route-with-a-very-long-name.home.example", "error", cause: "the root 'x' is no absolute path", latencies: []),
    health("db", latencies: Array(repeating: 150, count: 30), hours: Array(repeating: 1, count: 24), day: 0.9999),
  ]

  static func list(_ healths: [HealthDetail]) -> HealthList<HealthDetail> {
    HealthList(generation: 1, health: Dictionary(uniqueKeysWithValues: healths.map { ($0.key, $0) }))
  }

  static func board(_ healths: [HealthDetail] = all) -> HealthBoard {
    var board = HealthBoard()
    board.apply(list(healths))
    return board
  }
}
