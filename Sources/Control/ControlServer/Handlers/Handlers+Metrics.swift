import FoundationEssentials
import GuestControl
import NIOCore
import ProxmoxInventory
import ProxyTraffic
import RouteModel
import RouteRegistry
import ServerSockets

extension Handlers {
  /// `GET /metrics`, for Prometheus.
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
    let routes = RouteSample.all(of: snapshot, at: .now)
    addRoutes("pvescout_route_up", "Whether a route was found healthy; absent while that is unknown.", routes) {
      guard $0.health.status != .unknown else { return }
      $1.add($0.health.status == .healthy ? 1 : 0, $0.labels)
    }
    addRoutes("pvescout_route_status", "1 for the status that a route has.", routes) {
      $1.sample($0.labels)
      $1.label("status", $0.health.status.rawValue)
      $1.value(1)
    }
    addRoutes("pvescout_route_latency_seconds", "Of the last successful check.", routes) {
      guard let latency = $0.health.latencyMicroseconds else { return }
      $1.add(microseconds: latency, $0.labels)
    }
    addRoutes("pvescout_route_uptime_seconds", "How long the service has been up.", routes) {
      $1.add(microseconds: $0.health.uptimeMicroseconds, $0.labels)
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
    gauge(
      "pvescout_nodes", "Nodes of a cluster by status.", counts(clusters, \.rawValue) { $0.nodes.map { $0.status } })
    gauge("pvescout_guests", "Guests of a cluster by status.", counts(clusters, \.text) { $0.guests.map { $0.status } })
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

  private func counts<Status: Equatable>(
    _ clusters: [ClusterSnapshot], _ text: (Status) -> String, _ statuses: (ClusterSnapshot) -> [Status]
  ) -> [Sample] {
    clusters.flatMap { cluster in
      // There are few statuses, and comparing them is faster than hashing their names.
      var counts: [(status: Status, count: Int)] = []
      for status in statuses(cluster) {
        if let index = counts.firstIndex(where: { $0.status == status }) {
          counts[index].count += 1
        } else {
          counts.append((status, 1))
        }
      }
      return counts.map { (text($0.status), $0.count) }.sorted { $0.0 < $1.0 }.map { text, count in
        ([("cluster", cluster.name), ("status", text)], Double(count))
      }
    }
  }
}

/// The parts of a route's samples that several metrics share.
private struct RouteSample {
  let labels: MetricLabels
  let health: HealthNumbers

  /// The samples of all routes that are served.
  static func all(of snapshot: RegistrySnapshot, at now: CompactInstant) -> [RouteSample] {
    var samples: [RouteSample] = []
    samples.reserveCapacity(snapshot.counts.all)
    for run in snapshot.entryRuns {
      for entry in run where entry.registered.pool != .excluded {
        samples.append(
          RouteSample(labels: MetricLabels(entry), health: entry.registered.route.health.numbers(at: now)))
      }
    }
    return samples
  }
}

extension MetricLabels {
  /// Written once for a route, for all metrics and pages.
  init(_ entry: RegistrySnapshot.Entry) {
    self.init(
      bytes: entry.registered.metricLabels(of: entry.key) {
        MetricLabels([("route", entry.key), ("provider", entry.registered.id.provider.text)]).bytes
      })
  }
}
