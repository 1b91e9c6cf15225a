import ControlAPI

/// The health of all routes, as listed by `pvescout health`: down routes first.
enum HealthTable {
  static func render(_ list: HealthList<Health>, style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "ROUTE", cutRank: 1), .init(title: "STATUS"), .init(title: "UP", isNumeric: true),
      .init(title: "LATENCY", isNumeric: true), .init(title: "DETAIL", cutRank: 2),
    ])
    let ranked = list.health.map { (rank: HealthRank(status: $1.status, detail: $1.detail), key: $0, health: $1) }
    for (_, key, health) in ranked.sorted(by: { ($0.rank, $0.key) < ($1.rank, $1.key) }) {
      table.rows.append([
        .init(key), .init(health.status, color: .ofStatus(health.status)), .init(uptime(health.uptimeMilliseconds)),
        .init(latency(health)), .init(health.detail),
      ])
    }
    return table.rendered(style)
  }

  /// The latency of the last success, which is not shown for a route that is down since.
  private static func latency(_ health: Health) -> String {
    guard health.status == "healthy" else { return "-" }
    return health.latencyMicroseconds.map(HumanText.latency(microseconds:)) ?? "-"
  }

  static func uptime(_ milliseconds: Int64) -> String {
    milliseconds == 0 ? "-" : HumanText.duration(seconds: milliseconds / 1000)
  }
}
