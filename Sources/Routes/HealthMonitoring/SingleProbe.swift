package import HTTPTransport

/// One health check of a route as the monitor does it, for commands.
package struct SingleProbe: Sendable {
  private let prober: UpstreamProber

  package init(client: HTTPClient) { prober = UpstreamProber(client: client) }

  /// Why the route's upstream is not healthy, in a few words; nil if it is, or if that is not known.
  package func failure(of route: MonitoredRoute) async -> String? {
    guard let target = ProbeTarget(route) else { return nil }
    return switch await prober.probe(target, memory: ProbeMemory()).outcome {
    case .failure(let failure): failure.summary
    case .impossible(let reason): reason
    case .success, .notCheckable, .abandoned: nil
    }
  }
}
