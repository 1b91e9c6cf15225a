import Hummingbird

/// A path of the socket: what it takes and who answers.
struct Endpoint: Sendable {
  typealias Handler = @Sendable (Handlers, APIRequest) async throws -> Response

  var method: HTTPRequest.Method
  var pattern: PathPattern
  var parameters: [String]
  var handler: Handler

  init(_ method: HTTPRequest.Method, _ path: String, query: [String] = [], _ handler: @escaping Handler) {
    self.method = method
    pattern = PathPattern(path)
    parameters = query
    self.handler = handler
  }

  /// In the order of matching: a longer path before the one that would take it for an alias.
  static let all: [Endpoint] = [
    Endpoint(.get, "/v1") { try $0.info($1) },
    Endpoint(.get, "/v1/routes", query: RouteFilter.parameters) { try $0.routes($1) },
    Endpoint(.get, "/v1/routes/{alias}/explain") { try $0.explain($1) },
    Endpoint(.get, "/v1/routes/{alias}") { try $0.route($1) },
    Endpoint(.get, "/v1/lookup", query: ["host", "address", "alias"]) { try $0.lookup($1) },
    Endpoint(.get, "/v1/providers") { try $0.providers($1) },
    Endpoint(.get, "/v1/health", query: ["view"]) { try $0.healthOfAll($1) },
    Endpoint(.get, "/v1/health/{alias}") { try $0.health($1) },
    Endpoint(.get, "/v1/clusters") { try $0.clusters($1) },
    Endpoint(.get, "/v1/nodes") { try $0.nodes($1) },
    Endpoint(.get, "/v1/guests") { try $0.guests($1) },
    Endpoint(.get, "/v1/events", query: ["since", "type"]) { try $0.events($1) },
    Endpoint(.post, "/v1/reload") { try await $0.reload($1) },
    Endpoint(.get, "/metrics") { try $0.metrics($1) },
    Endpoint(.get, "/livez") { try $0.liveness($1) },
    Endpoint(.get, "/readyz") { try $0.readiness($1) },
  ]

  /// `GET, HEAD` or `POST`.
  var allow: String { method == .get ? "GET, HEAD" : method.rawValue }

  func takes(_ requested: HTTPRequest.Method) -> Bool { requested == method || requested == .head && method == .get }
}
