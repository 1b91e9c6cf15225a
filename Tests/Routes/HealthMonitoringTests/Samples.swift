import Foundation
import HTTPTransport
import PeerTrust
import RouteModel

@testable import HealthMonitoring

/// Moments in seconds after the start of the test.
struct Day {
  private let begin = ContinuousClock.now
  /// The difference by which the calendar's clock was changed since.
  var clockChange = 0.0

  func second(_ seconds: Double) -> Moment {
    Moment(instant: begin + .seconds(seconds), date: Date(timeIntervalSince1970: 1_700_000_000 + seconds + clockChange))
  }
}

extension ProbeOutcome {
  static let ok = ProbeOutcome.success(latency: .milliseconds(3), detail: "200 OK")
  static let refused = ProbeOutcome.failure(.refused(address: "127.9.0.1:80"))
  static let unresolved = ProbeOutcome.impossible(reason: "the name 'nas.test' does not resolve")
}

/// Whether a probe reaches its timeout in a phase. It is repeated with longer timeouts, because on a slow machine a
/// short one may end in an earlier phase.
func timesOut(
  _ phase: String, after timeouts: [Duration] = [.milliseconds(300), .seconds(3), .seconds(30)],
  _ probe: (_ timeout: Duration) async -> ProbeOutcome
) async -> Bool {
  for timeout in timeouts {
    if await probe(timeout) == .failure(.timedOut(phase: phase, after: timeout)) { return true }
  }
  return false
}

extension RouteID {
  static func named(_ alias: String) throws -> RouteID {
    RouteID(provider: ProviderName("file:routes"), alias: try RouteAlias(alias))
  }
}

extension ProxmoxLink {
  static func guest(_ status: GuestStatus, name: String? = "plex", node: String = "pve2") -> ProxmoxLink {
    .linked(
      LinkedResource(
        .guest(GuestID(cluster: "home", vmid: 105), node: node, name: name, type: .lxc, status: status),
        matchedBy: .address, matched: "127.9.0.1"))
  }

  static let node = ProxmoxLink.linked(
    LinkedResource(.node(NodeID(cluster: "home", name: "pve2")), matchedBy: .hostname, matched: "pve2"))
  static let none = ProxmoxLink.unlinked(UnlinkedReason(.noMatch, "nothing matched"))
}

extension MonitoredRoute {
  static func sample(
    _ alias: String = "plex", target: String? = "127.9.0.1", port: UInt16 = 80, scheme: RouteScheme = .http,
    check: HealthCheck = HealthCheck(), trust: TrustPolicy = .systemRoots, cell: HealthCell? = nil,
    link: ProxmoxLink = .none, unprobedReason: String? = nil
  ) throws -> MonitoredRoute {
    MonitoredRoute(
      id: try .named(alias), target: target.map { .network(scheme: scheme, host: $0, port: port) }, check: check,
      trust: trust, tlsServerName: nil, cell: cell ?? HealthCell(.unknown("not checked yet")), link: link,
      unprobedReason: unprobedReason)
  }
}
