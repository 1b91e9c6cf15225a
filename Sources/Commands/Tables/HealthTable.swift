import ControlAPI

/// The health of each route, as `pvescout health` lists it.
enum HealthTable {
  static func render(_ list: HealthList<Health>, style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "ROUTE", cutRank: 1), .init(title: "STATUS"), .init(title: "UP", isNumeric: true),
      .init(title: "LATENCY", isNumeric: true), .init(title: "DETAIL", cutRank: 2),
    ])
    for (key, health) in list.health.sorted(by: { $0.key < $1.key }) {
      table.rows.append([
        .init(key), .init(health.status, color: .ofStatus(health.status)), .init(uptime(health.uptimeMilliseconds)),
        .init(health.latencyMicroseconds.map(HumanText.latency(microseconds:)) ?? "-"), .init(health.detail),
      ])
    }
    return table.rendered(style)
  }

  static func uptime(_ milliseconds: Int64) -> String {
    milliseconds == 0 ? "-" : HumanText.duration(seconds: milliseconds / 1000)
  }
}
