package import ControlAPI

/// Routes with what they are linked to and how they are.
package enum RouteTable {
  package static func render(_ routes: [ControlAPI.Route], style: TableStyle) -> String {
    // A column that says `http` on every line would say nothing.
    let showsPool = routes.contains { $0.pool != "http" }
    let namesCluster = LinkText.namesCluster(routes)
    var columns: [TextTable.Column] = [
      .init(title: "ALIAS", cutRank: 1), .init(title: "TARGET", cutRank: 2, floors: [30, 24, 8]),
      .init(title: "LINK", cutRank: 3, floors: [24, 18, 8]), .init(title: "HEALTH", cutRank: 4, floors: [16, 15, 8]),
    ]
    if showsPool { columns.append(.init(title: "POOL", isOptional: true)) }
    var table = TextTable(columns)
    for route in routes {
      var cells: [TextTable.Cell] = [
        .init(route.alias), .init(route.target ?? "-"), LinkText.cell(route.link, namesCluster: namesCluster),
        HealthText.cell(route.health),
      ]
      if showsPool { cells.append(.init(route.pool, color: route.pool == "excluded" ? .dim : nil)) }
      table.rows.append(cells)
    }
    return table.rendered(style)
  }
}
