import ControlAPI

/// A link as the text of a table cell.
enum LinkText {
  /// `guest 105 plex on pve1 (address)`, `node pve1 (alias)`, `ambiguous: 104 web, 106 web`, `none: no match`.
  static func cell(_ link: LinkJSON, namesCluster: Bool) -> TextTable.Cell {
    switch link {
    case .linked(let resource):
      TextTable.Cell("\(text(resource, namesCluster: namesCluster)) (\(resource.matchedBy))")
    case .ambiguous(let candidates, _):
      TextTable.Cell(
        "ambiguous: " + candidates.map { short($0, namesCluster: namesCluster) }.joined(separator: ", "),
        color: .yellow)
    case .unlinked(let reason, _):
      TextTable.Cell("none: " + reason.replacing("_", with: " "), color: .dim)
    }
  }

  /// `105 plex on pve1`, `node pve1`, `ambiguous: 104 web, 106 web`, `none: no match`: without the key that matched,
  /// and without the guest's status, which the health's cause states if it matters.
  static func shortCell(_ link: LinkJSON, namesCluster: Bool) -> TextTable.Cell {
    guard case .linked(let resource) = link else { return cell(link, namesCluster: namesCluster) }
    guard resource.kind == .guest else { return TextTable.Cell(text(resource, namesCluster: namesCluster)) }
    let node = namesCluster ? "\(resource.cluster)/\(resource.node)" : resource.node
    return TextTable.Cell("\(resource.vmid)\(resource.name.map { " \($0)" } ?? "") on \(node)")
  }

  static func text(_ resource: LinkedResourceJSON, namesCluster: Bool) -> String {
    let node = namesCluster ? "\(resource.cluster)/\(resource.node)" : resource.node
    guard resource.kind == .guest else { return "node \(node)" }
    let named = resource.name.map { " \($0)" } ?? ""
    let state = resource.guestStatus.map { $0 == "running" ? "" : ", \($0)" } ?? ""
    return "guest \(resource.vmid)\(named) on \(node)\(state)"
  }

  private static func short(_ resource: LinkedResourceJSON, namesCluster: Bool) -> String {
    let cluster = namesCluster ? "\(resource.cluster)/" : ""
    return resource.kind == .node ? cluster + resource.node : "\(cluster)\(resource.vmid) \(resource.name ?? "")"
  }

  /// Whether the routes involve several clusters, so that a node's name alone is ambiguous.
  static func namesCluster(_ routes: [RouteJSON]) -> Bool {
    var clusters = Set<String>()
    for route in routes {
      switch route.link {
      case .linked(let resource): clusters.insert(resource.cluster)
      case .ambiguous(let candidates, _): clusters.formUnion(candidates.map(\.cluster))
      case .unlinked: break
      }
    }
    return clusters.count > 1
  }
}
