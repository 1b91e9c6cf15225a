import ControlAPI

enum ClusterTable {
  static func render(_ clusters: [ClusterJSON], style: TableStyle) -> String {
    var table = TextTable([
      .init(title: "CLUSTER"), .init(title: "PVE NAME", cutRank: 1), .init(title: "VERSION", cutRank: 1),
      .init(title: "NODES", isNumeric: true), .init(title: "GUESTS", isNumeric: true),
      .init(title: "ENDPOINT", cutRank: 2), .init(title: "READ", cutRank: 3),
    ])
    for cluster in clusters {
      table.rows.append([
        .init(cluster.name), .init(cluster.pveName ?? "-"), .init(cluster.version ?? "-"),
        .init(String(cluster.nodes)), .init(String(cluster.guests)), .init(cluster.endpoint ?? "-"),
        FreshnessText.cell(asOf: cluster.asOf, stale: cluster.stale, error: cluster.error),
      ])
    }
    return table.rendered(style)
  }
}
