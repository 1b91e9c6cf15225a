import PeerTrust
import RouteModel
import RouteRegistry
import TestSupport

extension RegisteredRoute {
  /// An HTTP route with the given target.
  static func http(
    _ alias: String, to target: Upstream?, trust: TrustPolicy = .systemRoots,
    change: (inout RouteDeclaration) -> Void = { _ in }
  ) throws -> RegisteredRoute {
    let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    var declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    change(&declaration)
    return RegisteredRoute(
      Route(
        id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .http,
        target: target, trust: trust, excludedReason: nil, link: .unlinked(.init(.noMatch, "for the test")),
        healthCheck: HealthCheck(), health: HealthCell(.unknown("not checked yet"))))
  }

  /// A stream route with TLS passthrough and without a target.
  static func passthrough(_ alias: String, restriction: String? = nil) throws -> RegisteredRoute {
    let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
    var declaration = RouteDeclaration(
      alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
    declaration.streamTLS = .passthrough
    declaration.restriction = restriction
    return RegisteredRoute(
      Route(
        id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .stream, scheme: .tcp,
        target: nil, trust: .systemRoots, excludedReason: nil, link: .unlinked(.init(.noMatch, "for the test")),
        healthCheck: HealthCheck(), health: HealthCell(.unknown("not checked yet"))))
  }

  static func http(_ alias: String, to server: EchoUpstream) throws -> RegisteredRoute {
    try .http(alias, to: .network(scheme: .http, host: server.host, port: server.port))
  }

  static func http(_ alias: String, to server: RawServer) throws -> RegisteredRoute {
    try .http(alias, to: .network(scheme: .http, host: server.host, port: server.port))
  }
}
