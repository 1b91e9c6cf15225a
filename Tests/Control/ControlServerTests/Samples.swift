import Foundation
import PeerTrust
import ProxmoxInventory
import RouteModel

extension InventorySnapshot {
  /// A cluster with two nodes, a container, a virtual machine and two containers of one name.
  static let lab: InventorySnapshot = {
    let fresh = Freshness(asOf: Date(timeIntervalSince1970: 1_700_000_100))
    let stale = Freshness(asOf: fresh.asOf, isStale: true, error: "node unreachable")
    var home = ClusterSnapshot(name: "home")
    (home.pveName, home.version, home.freshness) = ("homelab", "9.0.10", fresh)
    home.nodes = [
      Node(id: NodeID(cluster: "home", name: "pve1"), status: .online, addresses: [.of("127.0.1.1")], freshness: fresh),
      Node(id: NodeID(cluster: "home", name: "pve2"), status: .offline, freshness: stale),
    ]
    home.guests = [
      .lab(105, "plex", "127.0.2.5", fresh), .lab(106, "twin", "127.0.2.6", fresh),
      .lab(107, "twin", "127.0.2.7", fresh),
    ]
    return InventorySnapshot(clusters: [home], generation: 3)
  }()
}

extension Guest {
  fileprivate static func lab(_ vmid: Int, _ name: String, _ address: String, _ freshness: Freshness) -> Guest {
    Guest(
      id: GuestID(cluster: "home", vmid: vmid), type: .lxc, name: name, node: "pve1", status: .running,
      tags: ["media"], addresses: [GuestAddress(.of(address), interface: "eth0", source: .interfaces)],
      freshness: freshness)
  }
}

extension IPAddress {
  /// A literal in a test; an invalid one becomes the unspecified address, which no test expects.
  static func of(_ text: String) -> IPAddress { IPAddress(text) ?? unspecified }
  private static var unspecified: IPAddress { of("::") }
}

extension Route {
  /// `plex` linked to a guest, `pve-ui` to a node, `ssh` a stream without a link, and a second `plex` that is excluded.
  /// Each agent has its own, because tests change the health of routes.
  static var samples: [Route] {
    [
      sample("plex", pool: .http, target: "127.0.2.5", link: .linked(.plex), status: .healthy),
      sample("pve-ui", pool: .http, target: "127.0.1.1", link: .linked(.pve1), status: .unhealthy),
      sample(
        "ssh", pool: .stream, target: nil, link: .unlinked(UnlinkedReason(.noMatch, "nothing matches")),
        status: .unknown),
      sample(
        "plex", provider: "file:routes.d/media", pool: .excluded, target: "127.0.2.5", link: .linked(.plex),
        status: .unknown, excludedReason: "'plex' is taken by file:routes"),
    ]
  }

  static func sample(
    _ alias: String, provider: String = "file:routes", pool: RoutePool, target: String?, link: ProxmoxLink,
    status: HealthStatus, excludedReason: String? = nil
  ) -> Route {
    guard let alias = try? RouteAlias(alias) else { preconditionFailure("'\(alias)' is no alias") }
    let name = ProviderName(provider)
    var report = HealthReport.unknown("not checked yet", at: Date(timeIntervalSince1970: 1_700_000_050))
    report.status = status
    if status == .healthy { (report.latency, report.detail, report.upSince) = (.microseconds(950), "200 OK", .now) }
    if status == .healthy {
      report.phases = ProbePhases(connect: .microseconds(120), firstByte: .microseconds(830))
      report.certificateEnd = Date() + 86400 * 12.5
    }
    if status == .unhealthy { report.flapping = HealthFlapping(changes: 6, minutes: 10) }
    if status == .unhealthy { (report.cause, report.detail) = ("connection refused", "connection refused") }
    let cell = HealthCell(report)
    if status == .healthy {
      cell.record { history in
        history.add(.seconds(90), isUp: true, until: .now)
        history.addProbe(.microseconds(950), at: .now)
        history.addProbe(nil, at: .now)
      }
    }
    return Route(
      id: RouteID(provider: name, alias: alias),
      declaration: RouteDeclaration(
        alias: alias, provider: name, location: SourceLocation(file: "routes.yml", line: 3, column: 1)),
      pool: pool, scheme: pool == .stream ? .tcp : .http,
      target: target.map { .network(scheme: pool == .stream ? .tcp : .http, host: $0, port: 32400) },
      trust: .systemRoots, excludedReason: excludedReason, link: link,
      healthCheck: HealthCheck(),
      health: cell)
  }
}

extension LinkedResource {
  static let plex = LinkedResource(
    .guest(GuestID(cluster: "home", vmid: 105), node: "pve1", name: "plex", type: .lxc, status: .running),
    matchedBy: .address, matched: "127.0.2.5")
  static let pve1 = LinkedResource(
    .node(NodeID(cluster: "home", name: "pve1")), matchedBy: .explicit, matched: "node pve1")
}
