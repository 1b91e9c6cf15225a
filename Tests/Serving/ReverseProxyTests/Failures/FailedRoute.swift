import PeerTrust
import RouteModel

extension Route {
  /// The route `plex` with the given link.
  static func failing(
    _ link: ProxmoxLink = .plex(.lxc, .running), alias: String = "plex", target: Upstream? = .plex
  ) throws -> Route {
    let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    let declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "/etc/pvescout/routes.yml", line: 1, column: 1))
    return Route(
      id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .http,
      target: target, trust: .systemRoots, excludedReason: nil, link: link, healthCheck: HealthCheck(),
      health: HealthCell(.unknown("connection refused on 10.0.0.50:32400")))
  }
}

extension Upstream {
  static let plex = Upstream.network(scheme: .http, host: "10.0.0.50", port: 32400)
}

extension ProxmoxLink {
  static func plex(_ type: GuestType, _ status: GuestStatus, name: String? = "plex") -> ProxmoxLink {
    .linked(.plex(type, status, name: name))
  }

  static let pve1 = ProxmoxLink.linked(
    LinkedResource(.node(NodeID(cluster: "home", name: "pve1")), matchedBy: .explicit, matched: "pve1"))
}

extension LinkedResource {
  static func plex(_ type: GuestType, _ status: GuestStatus, vmid: VMID = 105, name: String? = "plex") -> Self {
    LinkedResource(
      .guest(GuestID(cluster: "home", vmid: vmid), node: "pve1", name: name, type: type, status: status),
      matchedBy: .address, matched: "10.0.0.50")
  }
}
