import ControlAPI

/// The health of all routes, as listed by `pvescout health`: down routes first.
enum HealthTable {
  static func render(_ list: HealthList<HealthJSON>, style: TableStyle) -> String {
    let ranked = list.health.map { (rank: HealthRank(status: $1.status, detail: $1.detail), key: $0, health: $1) }
      .sorted { ($0.rank, $0.key) < ($1.rank, $1.key) }.map { (key: $0.key, health: $0.health) }
    let full = table(ranked, showsDetail: true)
    return (full.fits(style) ? full : table(ranked, showsDetail: false)).rendered(style)
  }

  /// Without the details, what is wrong with a route is below it.
  private static func table(_ routes: [(key: String, health: HealthJSON)], showsDetail: Bool) -> TextTable {
    var table = TextTable([
      .init(title: "ROUTE", cutRank: 1), .init(title: "STATUS"), .init(title: "UP", isNumeric: true),
      .init(title: "LATENCY", isNumeric: true),
    ])
    if showsDetail { table.columns.append(.init(title: "DETAIL")) }
    for (index, (key, health)) in routes.enumerated() {
      let color = TextColor.ofStatus(health.status)
      table.rows.append(
        [
          .init(key), .init(health.status, color: color), .init(uptime(health.uptimeMilliseconds)),
          .init(latency(health)),
        ] + (showsDetail ? [.init(health.detail)] : []))
      let isSaid = showsDetail || health.status == "healthy" || health.detail.isEmpty
      if !isSaid { table.notes[index] = [.init(health.detail, color: color)] }
    }
    return table
  }

  /// The latency of the last success, which is not shown for a route that is down since.
  private static func latency(_ health: HealthJSON) -> String {
    guard health.status == "healthy" else { return "-" }
    return health.latencyMicroseconds.map(HumanText.latency(microseconds:)) ?? "-"
  }

  static func uptime(_ milliseconds: Int64) -> String {
    milliseconds == 0 ? "-" : HumanText.duration(seconds: milliseconds / 1000)
  }
}

/// One route's health, as shown by `pvescout health ALIAS`.
enum HealthView {
  static func render(_ health: HealthDetail, style: TableStyle) -> String {
    var fields = FieldList()
    fields.add("route", health.key)
    fields.add("target", health.target ?? "-")
    fields.add(health)
    return fields.rendered(style)
  }
}
