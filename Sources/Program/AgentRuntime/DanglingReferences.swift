import AgentConfiguration
import Notifications
import ProxmoxDiscovery
import Reconciliation
import RouteModel

extension AgentConfiguration {
  /// A warning for each name in the files that refers to nothing: a cluster of a route, a pattern of a notification.
  func danglingReferences(in declared: DeclaredRoutes) -> [Problem] {
    let names = clusters.map(\.name)
    let strayed = declared.routes.compactMap { route -> Problem? in
      guard let cluster = route.declaration.proxmox?.cluster, !names.contains(cluster) else { return nil }
      let near = NearNames.of(cluster, among: names).first.map { ": did you mean '\($0)'?" }
      let known = names.isEmpty ? ": there is none" : ": there is \(names.joined(separator: ", "))"
      return Problem(
        .warning, at: route.declaration.location,
        "route '\(route.declaration.alias)' names the cluster '\(cluster)', which is not in proxmox\(near ?? known)")
    }
    let ids = declared.routes.map(\.id)
    let unmatched = notifications.flatMap { entry in
      entry.selection.patternsWithoutRoute(among: ids).map { pattern in
        Problem(.warning, at: entry.location, "notify '\(entry.name)': '\(pattern)' matches no route")
      }
    }
    return strayed + unmatched
  }
}
