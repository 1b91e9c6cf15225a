import ControlAPI
import FoundationEssentials
import ProxmoxInventory
import RouteModel
import RouteRegistry

extension ClusterJSON {
  init(_ cluster: ClusterSummary) {
    self.init(
      name: cluster.name, pveName: cluster.pveName, version: cluster.version, endpoint: cluster.endpoint,
      nodes: cluster.nodes, guests: cluster.guests, asOf: cluster.freshness?.asOf,
      stale: cluster.freshness?.isStale ?? true, error: cluster.error)
  }
}

extension NodeJSON {
  init(_ node: Node) {
    self.init(
      cluster: node.id.cluster, name: node.id.name, status: node.status.rawValue,
      addresses: node.addresses.map(\.description), notes: node.notes, asOf: node.freshness.asOf,
      stale: node.freshness.isStale, error: node.freshness.error)
  }
}

extension GuestJSON {
  init(_ guest: Guest) {
    self.init(
      cluster: guest.id.cluster, vmid: guest.id.vmid, type: guest.type.rawValue, name: guest.name, node: guest.node,
      status: guest.status.text, template: guest.isTemplate, tags: guest.tags, lock: guest.lock, pool: guest.pool,
      haState: guest.haState, uptimeMs: guest.uptime.map { $0.components.seconds * 1000 },
      addresses: guest.addresses.map(\.address.description), asOf: guest.freshness.asOf,
      stale: guest.freshness.isStale, error: guest.freshness.error)
  }
}

extension ReadinessAnswer {
  init(
    _ readiness: Readiness, clusters: [ClusterSnapshot], links: LinkCounts, listeners: [NamedListener] = [],
    openRoutes: [String] = []
  ) {
    let failed = listeners.compactMap { listener in
      listener.state.failure.map { Listener(name: listener.name, error: $0) }
    }
    let pending = readiness.pendingClusters.map { Cluster(name: $0.name, ready: false, stale: true, error: $0.error) }
    let read = clusters.filter { cluster in !pending.contains { $0.name == cluster.name } }
    let all =
      pending
      + read.map {
        Cluster(
          name: $0.name, ready: true, stale: $0.freshness?.isStale ?? true, error: $0.error, nodes: $0.nodes.count,
          guests: $0.guests.count)
      }
    self.init(
      ready: readiness.isReady,
      providers: readiness.providers.map {
        Provider(
          name: $0.name.text, loaded: $0.isLoaded, routes: $0.routes, problems: $0.problems.map(\.description))
      },
      clusters: all,
      links: Links(
        linked: links.linked, ambiguous: links.ambiguous, unlinked: links.unlinked, down: links.down),
      listeners: failed,
      problems: (readiness.problems + readiness.refused).map(\.description) + all.compactMap(\.problem)
        + failed.map { "\($0.name) cannot listen: \($0.error)" } + openRoutes,
      refused: readiness.refused.map(\.description), restartNeeded: readiness.restartNeeded)
  }
}
