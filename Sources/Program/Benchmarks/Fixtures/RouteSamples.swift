import FoundationEssentials
import PeerTrust
import RouteModel
import RouteRegistry

/// Routes as an agent registers them: linked to a guest, with a target and a health report.
struct RouteSamples: Sendable {
  /// Route files are few and hold many routes each.
  private static let providers = 10

  /// The agent's default, which the routes share.
  private static let healthCheck = HealthCheck()

  let form: KeyForm
  let routes: [RegisteredRoute]

  init(_ count: Int, form: KeyForm = .short) throws {
    self.form = form
    routes = try (0..<count).map { RegisteredRoute(try Self.route($0, form: form)) }
  }

  /// The aliases of the routes, in random order.
  var keys: [String] { form.keys(0..<routes.count).scattered }

  /// The same number of aliases that no route has.
  var absentKeys: [String] { form.keys(routes.count..<2 * routes.count).scattered }

  var keyBytes: KeyBytes { KeyBytes(keys) }

  var registry: RouteRegistry {
    let registry = RouteRegistry()
    registry.apply(adding: routes)
    return registry
  }

  private static func route(_ number: Int, form: KeyForm) throws -> Route {
    let provider = ProviderName("file:routes-\(number % providers)")
    let alias = try RouteAlias(form.key(number))
    let address = InventorySamples.address(number)
    var declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: number * 3 + 1, column: 1))
    declaration.host = address
    declaration.port = RouteDeclaration.Port(target: 8080)
    return Route(
      id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .http,
      target: .network(scheme: .http, host: address, port: 8080), trust: .systemRoots, excludedReason: nil,
      link: .linked(link(number, address: address)),
      healthCheck: healthCheck.overridden(by: declaration.healthCheck), health: HealthCell(healthy))
  }

  private static func link(_ number: Int, address: String) -> LinkedResource {
    let guest = GuestID(cluster: InventorySamples.cluster, vmid: InventorySamples.firstVMID + number)
    return LinkedResource(
      .guest(guest, node: InventorySamples.node(number), name: KeyForm.short.key(number), type: .lxc, status: .running),
      matchedBy: .address, matched: address)
  }

  private static var healthy: HealthReport {
    HealthReport(
      status: .healthy, since: Date(timeIntervalSince1970: 1_700_000_000), latency: .microseconds(950),
      detail: "200 OK", upSince: .now)
  }
}
