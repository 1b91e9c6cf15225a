import PeerTrust
import RouteModel
import RouteRegistry

extension RegisteredRoute {
  /// A route that is linked to a stopped guest of the cluster `home`.
  static func sample(_ alias: String, in vmid: Int, wake: WakePolicy? = nil) throws -> RegisteredRoute {
    let (name, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    var declaration = RouteDeclaration(
      alias: name, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    declaration.wake = wake
    let identity = LinkedResource.Identity.guest(
      GuestID(cluster: "home", vmid: vmid), node: "pve1", name: alias, type: .lxc, status: .stopped)
    return RegisteredRoute(
      Route(
        id: RouteID(provider: provider, alias: name), declaration: declaration, pool: .http, scheme: .http, target: nil,
        trust: .systemRoots, excludedReason: nil,
        link: .linked(LinkedResource(identity, matchedBy: .explicit, matched: "\(vmid)")), healthCheck: HealthCheck(),
        health: HealthCell(.unknown("not checked yet"))))
  }
}
