import PeerTrust
import RouteModel
import RouteRegistry

@testable import ProxyTraffic

extension AccessRecord {
  /// A request to `plex` at 2026-11-22 17:00:07.000123.
  static var sample: AccessRecord {
    var record = AccessRecord(
      time: 1_795_366_807_000_123, client: "192.0.2.7", method: "GET", target: "/web/index.html?a=b",
      version: "HTTP/1.1", status: 200)
    record.host = "plex.home.example"
    record.referer = "https://home.example/"
    record.userAgent = "curl/8.5.0"
    (record.received, record.sent) = (3, 612)
    (record.route, record.provider) = ("plex", "file:routes")
    (record.upstream, record.guest) = ("http://10.0.0.50:32400", "home/105 plex")
    (record.duration, record.upstreamDuration) = (1210, 950)
    return record
  }
}

func makeRoute(_ alias: String, target: Upstream? = nil, link: ProxmoxLink? = nil) throws -> RegisteredRoute {
  let (alias, provider) = (try RouteAlias(alias), ProviderName("file:routes"))
  let declaration = RouteDeclaration(
    alias: alias, provider: provider, location: SourceLocation(file: "routes.yml", line: 1, column: 1))
  return RegisteredRoute(
    Route(
      id: RouteID(provider: provider, alias: alias), declaration: declaration, pool: .http, scheme: .http,
      target: target, trust: .systemRoots, excludedReason: nil,
      link: link ?? .unlinked(.init(.noMatch, "for the test")), healthCheck: HealthCheck(),
      health: HealthCell(.unknown("not checked yet"))))
}
