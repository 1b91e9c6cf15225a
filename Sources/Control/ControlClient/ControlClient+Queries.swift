package import ControlAPI
import HTTPTransport
import PrintableText

extension ControlClient {
  package func info() async throws(ControlClientError) -> DecodedAnswer<APIInfo> {
    try await answer(request(.get, "/v1"))
  }

  /// - Parameter filter: `provider`, `pool`, `status`, `node`, `vmid`, `cluster`; a repeated name matches either value.
  package func routes(
    filter: [(name: String, value: String)] = []
  ) async throws(ControlClientError) -> DecodedAnswer<RouteList> {
    try await answer(request(.get, "/v1/routes", query: filter))
  }

  package func route(_ alias: String) async throws(ControlClientError) -> DecodedAnswer<RouteJSON> {
    try await answer(request(.get, "/v1/routes/" + PercentCoding.encode(alias)))
  }

  package func explain(_ alias: String) async throws(ControlClientError) -> DecodedAnswer<Explanation> {
    try await answer(request(.get, "/v1/routes/\(PercentCoding.encode(alias))/explain"))
  }

  package func lookup(
    host: String? = nil, address: String? = nil, alias: String? = nil
  ) async throws(ControlClientError) -> DecodedAnswer<LookupAnswer> {
    let query = [("host", host), ("address", address), ("alias", alias)].compactMap { name, value in
      value.map { (name: name, value: $0) }
    }
    return try await answer(request(.get, "/v1/lookup", query: query))
  }

  package func providers() async throws(ControlClientError) -> DecodedAnswer<ProviderList> {
    try await answer(request(.get, "/v1/providers"))
  }

  package func health() async throws(ControlClientError) -> DecodedAnswer<HealthList<HealthJSON>> {
    try await answer(request(.get, "/v1/health"))
  }

  /// The health of all routes with uptimes and latencies over time.
  package func healthHistory() async throws(ControlClientError) -> DecodedAnswer<HealthList<HealthDetail>> {
    try await answer(request(.get, "/v1/health", query: [("view", "history")]))
  }

  package func health(_ alias: String) async throws(ControlClientError) -> DecodedAnswer<HealthDetail> {
    try await answer(request(.get, "/v1/health/" + PercentCoding.encode(alias)))
  }

  package func clusters() async throws(ControlClientError) -> DecodedAnswer<ClusterList> {
    try await answer(request(.get, "/v1/clusters"))
  }

  package func nodes() async throws(ControlClientError) -> DecodedAnswer<NodeList> {
    try await answer(request(.get, "/v1/nodes"))
  }

  /// - Parameter filter: `cluster`, `node`, `status`, `type`, `text`; a repeated name matches either value.
  package func guests(
    filter: [(name: String, value: String)] = []
  ) async throws(ControlClientError) -> DecodedAnswer<GuestList> {
    try await answer(request(.get, "/v1/guests", query: filter))
  }

  /// An agent that is not ready returns a value, too.
  package func readiness() async throws(ControlClientError) -> DecodedAnswer<ReadinessAnswer> {
    try await answer(request(.get, "/readyz"), accepting: [200, 503])
  }

  /// - Parameter action: `start` or `stop`. What cannot be done is ``ControlClientError/api(status:_:)`` with 409.
  package func control(_ action: String, route alias: String) async throws(ControlClientError) -> DecodedAnswer<
    ControlAnswer
  > {
    try await answer(request(.post, "/v1/routes/\(PercentCoding.encode(alias))/\(action)"), accepting: [202])
  }

  package func control(
    _ action: String, cluster: String, vmid: Int
  ) async throws(ControlClientError) -> DecodedAnswer<ControlAnswer> {
    try await answer(
      request(.post, "/v1/guests/\(PercentCoding.encode(cluster))/\(vmid)/\(action)"), accepting: [202])
  }

  /// What cannot be delivered is ``ControlClientError/api(status:_:)`` with 502, an unknown name with 404.
  package func testNotice(to name: String) async throws(ControlClientError) -> DecodedAnswer<TestNoticeAnswer> {
    var request = request(.post, "/v1/notify/\(PercentCoding.encode(name))/test")
    // The destination has the timeout of its entry.
    request.timeout = .seconds(600)
    return try await answer(request)
  }

  /// A refused reload is a ``ControlClientError/api(status:_:)`` with 422 and all problems.
  package func reload() async throws(ControlClientError) -> DecodedAnswer<ReloadAnswer> {
    try await answer(request(.post, "/v1/reload"))
  }
}
