package import HTTPTransport
package import Logging
package import RouteModel
import ServiceLifecycle

/// One route as the monitor sees it.
package struct MonitoredRoute: Sendable {
  package var id: RouteID
  package var target: Upstream?
  package var check: HealthCheck
  package var trust: UpstreamTrust
  package var tlsServerName: String?
  /// The monitor is the only writer of it.
  package var cell: HealthCell
  /// What explains a failure; it never makes one.
  package var link: ProxmoxLink
  /// Why there is nothing to probe; nil where there is a target.
  package var unprobedReason: String?

  package init(
    id: RouteID, target: Upstream?, check: HealthCheck, trust: UpstreamTrust, tlsServerName: String?, cell: HealthCell,
    link: ProxmoxLink, unprobedReason: String?
  ) {
    self.id = id
    self.target = target
    self.check = check
    self.trust = trust
    self.tlsServerName = tlsServerName
    self.cell = cell
    self.link = link
    self.unprobedReason = unprobedReason
  }
}

/// A change of a route's health status, or a probe that failed while the status held.
package struct HealthChange: Sendable {
  package var id: RouteID
  package var before: HealthReport
  package var after: HealthReport
  package init(id: RouteID, before: HealthReport, after: HealthReport) {
    (self.id, self.before, self.after) = (id, before, after)
  }
}

/// Probes every route on its interval and keeps its ``HealthCell``. One scheduler for all.
package final class HealthMonitor: Service {
  /// - Parameter clusterTrust: the `tls` of each cluster, for a node's own API.
  package init(client: HTTPClient, clusterTrust: [ClusterName: TrustPolicy], logger: Logger) { fatalError("unbuilt") }

  /// Sets the routes to watch: new ones are probed at once, those whose target or check changed too, missing ones are
  /// dropped; a result for a target that has changed meanwhile is dropped.
  package func watch(_ routes: [MonitoredRoute]) { fatalError("unbuilt") }

  /// New trust of clusters after a reload.
  package func trust(_ clusterTrust: [ClusterName: TrustPolicy]) { fatalError("unbuilt") }

  /// States of nodes that explain failures ("node pve2 is offline").
  package func nodesChanged(_ states: [NodeID: NodeStatus]) { fatalError("unbuilt") }

  /// Status changes, and failed probes (status unchanged, `lastChecked` newer), in order.
  package var changes: AsyncStream<HealthChange> { fatalError("unbuilt") }

  package func run() async throws { fatalError("unbuilt") }
}
