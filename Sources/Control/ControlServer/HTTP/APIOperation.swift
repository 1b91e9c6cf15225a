import ControlAPI
import HTTPMessages
import Reconciliation
import RouteModel

/// A path of the socket, its parameters and its handler.
struct APIOperation: Sendable {
  enum Handler: Sendable {
    /// Answers at once, on the event loop.
    case immediate(@Sendable (Handlers, APIRequest) throws -> Response)
    case waiting(@Sendable (Handlers, APIRequest) async throws -> Response)
  }

  enum Method: String { case get = "GET", post = "POST" }

  var method: Method
  var pattern: PathPattern
  /// One sentence for the OpenAPI description.
  var summary: String
  var parameters: [QueryParameter]
  var answer: OperationAnswer
  var handler: Handler

  init(
    _ method: Method, _ path: String, _ summary: String, query: [QueryParameter] = [],
    _ answer: OperationAnswer,
    _ handler: @escaping @Sendable (Handlers, APIRequest) throws -> Response
  ) {
    self.init(method, path, summary, query: query, answer, handler: .immediate(handler))
  }

  private init(
    _ method: Method, _ path: String, _ summary: String, query: [QueryParameter] = [], _ answer: OperationAnswer,
    handler: Handler
  ) {
    self.method = method
    pattern = PathPattern(path)
    self.summary = summary
    parameters = query
    self.answer = answer
    self.handler = handler
  }

  /// In the order of matching: a longer path precedes one that would take it for an alias.
  static let all: [APIOperation] = routes + inventory + agent

  private static let routes = [
    APIOperation(
      .get, "/v1/routes", "All routes; values of one filter are alternatives.", query: RouteFilter.parameters,
      .json(RouteList.self)
    ) { try $0.routes($1) },
    APIOperation(
      .get, "/v1/routes/{alias}/explain", "How a route came to its link, its target and its health.",
      .json(Explanation.self), handler: .waiting { try await $0.explain($1) }),
    APIOperation(
      .post, "/v1/routes/{alias}/start", "Starts the guest behind a route.",
      .json([ControlAnswer.self], statuses: ["202"]), handler: .waiting { try await $0.control(.start, route: $1) }),
    APIOperation(
      .post, "/v1/routes/{alias}/stop", "Shuts down the guest behind a route.",
      .json([ControlAnswer.self], statuses: ["202"]), handler: .waiting { try await $0.control(.stop, route: $1) }),
    APIOperation(.get, "/v1/routes/{alias}", "A route, by alias or key.", .json(RouteJSON.self)) {
      try $0.route($1)
    },
    APIOperation(
      .get, "/v1/lookup", "What a route with such a host, address or alias would link to.",
      query: [QueryParameter("host"), QueryParameter("address", .address), QueryParameter("alias")],
      .json(LookupAnswer.self)
    ) { try $0.lookup($1) },
    APIOperation(.get, "/v1/providers", "All routes by the provider that declares them.", .json(ProviderList.self)) {
      $0.providers($1)
    },
    APIOperation(
      .get, "/v1/health", "The health of all routes, by key.",
      query: [QueryParameter("view", of: HealthDetailLevel.self)],
      .json(
        HealthList<HealthJSON>.self, HealthList<HealthSummary>.self, HealthList<HealthStatus>.self,
        HealthList<HealthDetail>.self)
    ) { try $0.healthOfAll($1) },
    APIOperation(.get, "/v1/health/{alias}", "All that is known of one route's health.", .json(HealthDetail.self)) {
      try $0.health($1)
    },
  ]

  private static let inventory = [
    APIOperation(.get, "/v1/clusters", "The clusters and standalone hosts.", .json(ClusterList.self)) {
      $0.clusters($1)
    },
    APIOperation(.get, "/v1/nodes", "The nodes.", .json(NodeList.self)) { $0.nodes($1) },
    APIOperation(
      .post, "/v1/guests/{cluster}/{vmid}/start", "Starts a guest that a route leads to.",
      .json([ControlAnswer.self], statuses: ["202"]), handler: .waiting { try await $0.control(.start, guest: $1) }),
    APIOperation(
      .post, "/v1/guests/{cluster}/{vmid}/stop", "Shuts down a guest that a route leads to.",
      .json([ControlAnswer.self], statuses: ["202"]), handler: .waiting { try await $0.control(.stop, guest: $1) }),
    APIOperation(
      .get, "/v1/guests", "The containers and virtual machines; values of one filter are alternatives.",
      query: GuestFilter.parameters, .json(GuestList.self)
    ) { try $0.guests($1) },
  ]

  private static let agent = [
    APIOperation(.get, "/v1", "The name and version of the agent.", .json(APIInfo.self)) { $0.info($1) },
    APIOperation(
      .get, "/v1/events", "What happens, as it happens; Last-Event-ID or since resumes.",
      query: [
        QueryParameter("since", .numbers(0...UInt64.max)),
        QueryParameter("type", of: Event.Kind.self, isRepeatable: true),
      ], .events, handler: .waiting { try $0.events($1) }),
    APIOperation(
      .post, "/v1/reload", "Reads the files again: all or nothing.", .json(ReloadAnswer.self),
      handler: .waiting { try await $0.reload($1) }),
    APIOperation(
      .post, "/v1/notify/{name}/test", "Sends a test notice to an entry of notify.", .json(TestNoticeAnswer.self),
      handler: .waiting { try await $0.testNotice($1) }),
    APIOperation(.get, "/v1/openapi.json", "This description.", .description) { try $0.description($1) },
    APIOperation(.get, "/metrics", "For Prometheus.", .page("text/plain")) { $0.metrics($1) },
    APIOperation(.get, "/livez", "Whether the agent answers.", .json(LivenessAnswer.self)) { $0.liveness($1) },
    APIOperation(
      .get, "/readyz",
      "200 once every provider was loaded, every cluster is known and the routes are linked with it, else 503.",
      .json([ReadinessAnswer.self], statuses: ["200", "503"])
    ) { $0.readiness($1) },
  ]

  /// `GET, HEAD` or `POST`.
  var allow: String { method == .get ? "GET, HEAD" : method.rawValue }

  func accepts(_ requested: RequestMethod) -> Bool {
    switch method {
    case .get: requested == .get || requested == .head
    case .post: requested == .post
    }
  }
}
