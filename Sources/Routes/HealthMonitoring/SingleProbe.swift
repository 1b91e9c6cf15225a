package import HTTPTransport
package import RouteModel

/// One health check of a route as the monitor does it, for commands.
package struct SingleProbe: Sendable {
  private let prober: UpstreamProber
  private let clusterTrust: [ClusterName: TrustPolicy]

  package init(client: HTTPClient, clusterTrust: [ClusterName: TrustPolicy]) {
    prober = UpstreamProber(client: client)
    self.clusterTrust = clusterTrust
  }

  /// Why the route's upstream is not healthy, in a few words; nil if it is, or if that is not known.
  package func failure(of route: MonitoredRoute) async -> String? {
    guard let target = ProbeTarget(route, clusterTrust: clusterTrust) else { return nil }
    return switch await prober.probe(target, memory: ProbeMemory()).outcome {
    case .failure(let failure): failure.summary
    case .impossible(let reason): reason
    case .success, .notCheckable, .abandoned: nil
    }
  }
}
