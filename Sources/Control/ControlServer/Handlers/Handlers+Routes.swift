import ControlAPI
import FoundationEssentials
import LinuxSystem
import RouteModel
import RouteRegistry

extension Handlers {
  func routes(_ request: APIRequest) throws -> Response {
    let filter = try RouteFilter(request.query)
    let snapshot = agent.registry.snapshot
    let routes = snapshot.entries.filter { filter.takes($0.route) }.map(wire)
    return try .json(RouteList(generation: snapshot.generation, asOf: snapshot.asOf, routes: routes))
  }

  func route(_ request: APIRequest) throws -> Response {
    try .json(wire(try entry(request.alias)))
  }

  func explain(_ request: APIRequest) async throws -> Response {
    let entry = try entry(request.alias)
    let steps = await agent.steps(of: entry.route.id)
    return try .json(Explanation(entry, steps: steps, listener: agent.listener(of: entry.route.id)))
  }

  func providers(_ request: APIRequest) throws -> Response {
    let snapshot = agent.registry.snapshot
    var providers: [String: [ControlAPI.Route]] = [:]
    // A provider without routes is one too.
    for provider in agent.readiness.providers { providers[provider.name.text] = [] }
    for (provider, entries) in snapshot.byProvider { providers[provider.text] = entries.map(wire) }
    return try .json(ProviderList(generation: snapshot.generation, providers: providers))
  }

  private func wire(_ entry: RegistrySnapshot.Entry) -> ControlAPI.Route {
    ControlAPI.Route(entry, listener: agent.listener(of: entry.route.id))
  }

  /// The route of that key or alias.
  func entry(_ keyOrAlias: String) throws(APIFailure) -> RegistrySnapshot.Entry {
    let snapshot = agent.registry.snapshot
    if let entry = snapshot.entry(keyOrAlias) { return entry }
    let near = NearNames.of(keyOrAlias, among: snapshot.entries.map(\.key))
    throw APIFailure(
      .notFound,
      ErrorAnswer(
        code: "route_not_found", message: "there is no route '\(keyOrAlias.excerpt)'",
        hint: near.isEmpty
          ? "'pvescout routes' (GET /v1/routes) lists them all" : "near it: " + near.joined(separator: ", ")))
  }
}
