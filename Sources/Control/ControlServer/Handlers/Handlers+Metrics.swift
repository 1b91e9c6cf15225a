import FoundationEssentials
import GuestControl
import NIOCore
import ProxmoxInventory
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets

extension Handlers {
  /// `GET /metrics`: what a Prometheus server may scrape.
  func metrics(_ request: APIRequest) -> Response {
    var metrics = Metrics()
    metrics.gauge(
      "pvescout_start_time_seconds", "When the agent started, in Unix time.",
      [([], agent.startedAt.timeIntervalSince1970)])
    let snapshot = agent.registry.snapshot
    metrics.gauge(
      "pvescout_generation", "Counts the visible changes since the start.", [([], Double(snapshot.generation))])
    metrics.addDescriptors(agent.descriptors)
    metrics.addRoutes(snapshot)
    metrics.addClusters(agent.inventory.clusters)
    metrics.addControl(agent.controlReports.values.sorted { $0.id < $1.id })
    metrics.gauge(
      "pvescout_listener_up", "Whether an address is listened on at which routes are served.",
      agent.listeners.map { ([("listener", $0.name)], $0.state.address == nil ? 0 : 1) })
    if let traffic = agent.traffic { metrics.addTraffic(traffic.totals(of: snapshot)) }
    if let log = agent.accessLog { metrics.addAccessLog(log) }
    return Response(
      contentType: MetricsPage.contentType, body: .pieces(PartedBody(MetricsPage(), metrics.parts)))
  }
}

extension Metrics {
  fileprivate mutating func addDescriptors(_ descriptors: DescriptorBudget) {
    guard let use = descriptors.measured else { return }
    gauge("process_open_fds", "File descriptors in use.", [([], Double(use.used))])
    gauge("process_max_fds", "File descriptors that the process may have.", [([], Double(use.limit))])
    gauge(
      "pvescout_connections_waiting", "1 if connections had to wait for file descriptors during the last minute.",
      [([], descriptors.wasShort ? 1 : 0)])
  }

  fileprivate mutating func addRoutes(_ snapshot: RegistrySnapshot) {
    gauge(
      "pvescout_routes", "Routes in each pool.",
      RoutePool.allCases.map { ([("pool", $0.rawValue)], Double(snapshot.counts[$0])) })
    let now = ContinuousClock.now
    let routes = snapshot.active.map { RouteSample($0, at: now) }
    addRoutes("pvescout_route_up", "Whether a route was found healthy; absent while that is unknown.", routes) {
      guard $0.health.status != .unknown else { return }
      $1.sample($0.labels)
      $1.value($0.health.status == .healthy ? 1 : 0)
    }
    addRoutes("pvescout_route_status", "1 for the status that a route has.", routes) {
      $1.sample($0.labels)
      $1.label("status", $0.health.status.rawValue)
      $1.value(1)
    }
    addRoutes("pvescout_route_latency_seconds", "Of the last successful check.", routes) {
      guard let latency = $0.health.latency else { return }
      $1.sample($0.labels)
      $1.value(latency)
    }
    addRoutes("pvescout_route_uptime_seconds", "How long the service has been up.", routes) {
      $1.sample($0.labels)
      $1.value($0.health.uptime)
    }
  }

  private mutating func addRoutes(
    _ name: String, _ help: String, _ routes: [RouteSample],
    _ write: @escaping @Sendable (RouteSample, inout MetricsPage) -> Void
  ) {
    add(.gauge, name, help, count: routes.count) { write(routes[$0], &$1) }
  }

  fileprivate mutating func addClusters(_ clusters: [ClusterSnapshot]) {
    gauge(
      "pvescout_cluster_last_read_timestamp_seconds", "When a cluster was last read, in Unix time.",
      clusters.compactMap { cluster in
        cluster.freshness.map { ([("cluster", cluster.name)], $0.asOf.timeIntervalSince1970) }
      })
    gauge(
      "pvescout_cluster_stale", "1 where what is known of a cluster may be outdated.",
      clusters.map { ([("cluster", $0.name)], $0.freshness?.isStale ?? true ? 1 : 0) })
    gauge("pvescout_nodes", "Nodes of a cluster by status.", counts(clusters) { $0.nodes.map(\.status.rawValue) })
    gauge("pvescout_guests", "Guests of a cluster by status.", counts(clusters) { $0.guests.map(\.status.text) })
  }

  fileprivate mutating func addControl(_ reports: [ControlReport]) {
    let guests = reports.map { (labels: [("cluster", $0.id.cluster), ("vmid", String($0.id.vmid))], report: $0) }
    gauge(
      "pvescout_control_state", "1 for the state that a guest has which the agent starts and stops.",
      guests.map { ($0.labels + [("state", $0.report.state)], 1) })
    counter(
      "pvescout_control_starts_total", "Starts of a guest by the agent.",
      guests.map { ($0.labels, Double($0.report.counts.starts)) })
    counter(
      "pvescout_control_stops_total", "Shutdowns of a guest by the agent.",
      guests.map { ($0.labels, Double($0.report.counts.stops)) })
    counter(
      "pvescout_control_failures_total", "Starts and shutdowns of a guest that failed.",
      guests.map { ($0.labels, Double($0.report.counts.failures)) })
  }

  private func counts(
    _ clusters: [ClusterSnapshot], _ statuses: (ClusterSnapshot) -> [String]
  ) -> [(labels: [(String, String)], value: Double)] {
    var samples: [(labels: [(String, String)], value: Double)] = []
    for cluster in clusters {
      let counts = Dictionary(grouping: statuses(cluster)) { $0 }.mapValues(\.count)
      for (status, count) in counts.sorted(by: { $0.key < $1.key }) {
        samples.append(([("cluster", cluster.name), ("status", status)], Double(count)))
      }
    }
    return samples
  }
}

/// What several metrics say of one route.
private struct RouteSample {
  let labels: MetricLabels
  let health: HealthInfo.Summary

  init(_ entry: RegistrySnapshot.Entry, at now: ContinuousClock.Instant) {
    labels = MetricLabels(entry)
    health = HealthInfo.Summary(entry.registered.route.health.report, at: now)
  }
}

extension MetricLabels {
  init(_ entry: RegistrySnapshot.Entry) {
    self.init([("route", entry.key), ("provider", entry.registered.id.provider.text)])
  }
}
