import RouteModel
import RouteRegistry
import Testing

@Suite struct RoutedRequestTests {
  let registry = RouteRegistry()

  @Test func carriesTheRouteThatServesIt() throws {
    registry.apply(adding: [try makeRoute("plex")])
    var request = RoutedRequest<_, RouteBinding>("GET /")
    #expect(registry.route(&request, alias: "plex", host: "plex.home.arpa"))
    #expect(request.route === registry.get("plex"))
    #expect(request.head == "GET /")
  }

  @Test func carriesNothingWhereNoRouteIsFound() throws {
    var request = RoutedRequest<_, RouteBinding>("GET /")
    #expect(!registry.route(&request, alias: "plex", host: "plex.home.arpa"))
    #expect(request.route == nil)
  }

  @Test func namesItsUpstream() throws {
    #expect(
      try upstream(.network(scheme: .https, host: "10.0.0.50", port: 8443))
        == ["App", "https", "10.0.0.50", "8443", "10.0.0.50:8443", "10.0.0.50:8443", "https://10.0.0.50:8443"])
    #expect(
      try upstream(.network(scheme: .http, host: "fd00::5", port: 80))
        == ["App", "http", "fd00::5", "80", "[fd00::5]:80", "[fd00::5]:80", "http://[fd00::5]:80"])
    #expect(
      try upstream(.files(root: "/srv/www")) == ["App", "file", nil, nil, nil, "/srv/www", "file:///srv/www"])
    #expect(try upstream(nil) == ["App", nil, nil, nil, nil, nil, nil], "a route without a target")
  }

  private func upstream(_ target: Upstream?) throws -> [String?] {
    var request = RoutedRequest<_, RouteBinding>(())
    request.attach(BindingReference(RouteBinding(try makeRoute("App", target: target))))
    return request.upstreamFacts
  }
}

extension RoutedRequest {
  /// All seven, in the order of the specification.
  var upstreamFacts: [String?] {
    let names = upstream
    return [names?.name, names?.scheme, names?.host, names?.port, names?.hostPort, names?.address, names?.url]
  }
}
