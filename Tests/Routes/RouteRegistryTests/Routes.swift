import FoundationEssentials
import PeerTrust
import RouteModel
import RouteRegistry

/// Routes for the suites of this module.
func makeRoute(
  _ alias: String, pool: RoutePool = .http, provider: String = "file:routes", ordinal: Int = 0, target: Upstream? = nil
) throws -> RegisteredRoute {
  let alias = try RouteAlias(alias)
  let provider = ProviderName(provider)
  let declaration = RouteDeclaration(
    alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
  let route = Route(
    id: RouteID(provider: provider, alias: alias, ordinal: ordinal), declaration: declaration, pool: pool,
    scheme: pool == .stream ? .tcp : .http, target: target, trust: .systemRoots,
    excludedReason: pool == .excluded ? "for the test" : nil, link: .unlinked(.init(.noMatch, "for the test")),
    healthCheck: HealthCheck(), health: HealthCell(.unknown("not checked yet")))
  return RegisteredRoute(route)
}

extension RouteRegistry {
  /// As a request's bytes are looked up.
  func getHTTPRouteOrExact(alias: String, host: String) -> RegisteredRoute? {
    getHTTPRouteOrExact(alias: alias.utf8.span.bytes, host: host.utf8.span.bytes)
  }

  @discardableResult
  func route<Head>(_ request: inout RoutedRequest<Head, RouteBinding>, alias: String, host: String) -> Bool {
    var bindings = RouteBindings<RouteBinding>()
    let binding = bindings.http(
      alias: alias.utf8.span.bytes, host: host.utf8.span.bytes, in: self, bind: RouteBinding.init)
    guard let binding else { return false }
    logAttachment(of: binding.binding.registered)
    request.attach(binding)
    return true
  }
}
