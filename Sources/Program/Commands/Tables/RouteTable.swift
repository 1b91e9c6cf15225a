import ControlAPI

/// Routes with their links and health.
enum RouteTable {
  /// - Parameter served: where the routes are served; nil shows nothing of it.
  static func render(_ routes: [RouteJSON], served: ServedAddresses? = nil, style: TableStyle) -> String {
    let urls = routes.map { served?.url(of: $0) }
    let full = full(routes, urls)
    return (full.fits(style) ? full : narrow(routes, urls)).rendered(style)
  }

  /// Each route in full on one line.
  private static func full(_ routes: [RouteJSON], _ urls: [String?]) -> TextTable {
    // A column with `http` on every line would be useless.
    let showsPool = routes.contains { $0.pool != "http" }
    let namesCluster = LinkText.namesCluster(routes)
    let showsURL = urls.contains { $0 != nil }
    let titles = ["ALIAS"] + (showsURL ? ["URL"] : []) + ["TARGET", "LINK", "HEALTH"]
    var table = TextTable(titles.map { .init(title: $0) })
    if showsPool { table.columns.append(.init(title: "POOL")) }
    for (index, route) in routes.enumerated() {
      var cells: [TextTable.Cell] = [
        .init(route.key), .init(route.target ?? "-"), LinkText.cell(route.link, namesCluster: namesCluster),
        HealthText.cell(of: route),
      ]
      if showsURL { cells.insert(.init(urls[index] ?? "-"), at: 1) }
      if showsPool { cells.append(.init(route.pool, color: route.pool == "excluded" ? .dim : nil)) }
      table.rows.append(cells)
      table.notes[index] = [restricted(route)].compactMap { $0 }
    }
    return table
  }

  /// The layout if that does not fit: the URL and exceptional facts go below their route, and the target is cut first.
  private static func narrow(_ routes: [RouteJSON], _ urls: [String?]) -> TextTable {
    let namesCluster = LinkText.namesCluster(routes)
    var table = TextTable([
      .init(title: "ALIAS", cutRank: 1), .init(title: "TARGET", cutRank: 4, floors: [22, 18, 14], keepsEnds: true),
      .init(title: "LINK", cutRank: 2, floors: [28, 22, 10]), .init(title: "BY"),
      .init(title: "HEALTH", cutRank: 3, floors: [9, 9, 9]),
    ])
    for (index, route) in routes.enumerated() {
      table.rows.append([
        .init(route.key, color: route.pool == "excluded" ? .dim : nil), .init(route.target ?? "-"),
        LinkText.shortCell(route.link, namesCluster: namesCluster), .init(route.link.resource?.matchedBy ?? "-"),
        HealthText.shortCell(route.health),
      ])
      table.notes[index] = urls[index].map { [.init("served at \($0)")] } ?? []
      table.notes[index]? += notes(route)
    }
    return table
  }

  private static func notes(_ route: RouteJSON) -> [TextTable.Cell] {
    let health = route.health
    let excluded = route.excludedReason.map { TextTable.Cell("excluded: \($0)", color: .yellow) }
    let isSaid = health.status == "healthy" || health.detail.isEmpty || health.detail == route.excludedReason
    let listener = route.listenError.map { TextTable.Cell("cannot listen: \($0)", color: .red) }
    return [excluded, restricted(route), isSaid ? nil : HealthText.cell(health), listener].compactMap { $0 }
  }

  private static func restricted(_ route: RouteJSON) -> TextTable.Cell? {
    route.restricted.map { TextTable.Cell("not served: \($0)", color: .yellow) }
  }
}
