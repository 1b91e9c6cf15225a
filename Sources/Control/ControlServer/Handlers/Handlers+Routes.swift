import ControlAPI
import FoundationEssentials
import GuestControl
import JSONDocument
import LinuxSystem
import ProxmoxInventory
import RouteModel
import RouteRegistry

extension Handlers {
  func routes(_ request: APIRequest) throws -> Response {
    let filter = try RouteFilter(request.query)
    let (snapshot, now, reports) = (agent.registry.snapshot, CompactInstant.now, agent.controlReports)
    return .json([
      .init { RouteList.begin(&$0, generation: snapshot.generation, asOf: snapshot.asOf) },
      .init(count: snapshot.entryRuns.count) { index, json in
        for entry in snapshot.entryRuns[index] where filter.includes(entry) {
          write(entry, at: now, reports, to: &json)
        }
      },
      .init {
        $0.endArray()
        $0.endObject()
      },
    ])
  }

  func route(_ request: APIRequest) throws -> Response {
    let entry = try entry(request.alias)
    return .json(
      RouteJSON(entry, listener: agent.listener(of: entry.registered), control: control(of: entry.route)))
  }

  func explain(_ request: APIRequest) async throws -> Response {
    let entry = try entry(request.alias)
    let steps = await agent.steps(of: entry.registered.id)
    let location = await agent.location(of: entry.registered.id) ?? entry.route.declaration.location
    return .json(
      Explanation(
        entry, declaredAt: location, steps: steps, listener: agent.listener(of: entry.registered),
        control: control(of: entry.route)))
  }

  func providers(_ request: APIRequest) -> Response {
    let (snapshot, now, reports) = (agent.registry.snapshot, CompactInstant.now, agent.controlReports)
    // A provider without routes is listed too.
    var providers: [String: [RegistrySnapshot.Entry]] = [:]
    for provider in agent.readiness.providers { providers[provider.name.text] = [] }
    for (provider, entries) in snapshot.byProvider { providers[provider.text] = entries }
    let groups = providers.sorted { $0.key < $1.key }.flatMap { name, entries -> [PartedBody<JSONWriter>.Part] in
      [
        .init {
          $0.key(name)
          $0.beginArray()
        },
        .init(count: entries.count) { write(entries[$0], at: now, reports, to: &$1) },
        .init { $0.endArray() },
      ]
    }
    return .json(
      [.init { ProviderList.begin(&$0, generation: snapshot.generation) }] + groups
        + [
          .init {
            $0.endObject()
            $0.endObject()
          }
        ])
  }

  /// The parts that do not change with time are encoded on the first request, and then shared by all requests.
  private func write(
    _ entry: RegistrySnapshot.Entry, at now: CompactInstant, _ reports: [GuestID: ControlReport],
    to json: inout JSONWriter
  ) {
    let registered = entry.registered
    let listener = agent.listener(of: registered)
    let template = registered.template(of: entry.key, listener) {
      let route = RouteJSON(entry, listener: listener, control: nil)
      return JSONTemplate { json, writeGap in
        route.write(to: &json, writeControl: writeGap, writeHealth: { writeGap(&$1) })
      }
    }
    let health = HealthJSON(registered.route.health.report, at: now)
    json.write(template) { gap, json in
      // The template's gaps for `health` follow the one for `control`.
      if let part = HealthJSON.Part(rawValue: gap - 1) { return health.write(part, to: &json) }
      let control = reports.isEmpty ? nil : registered.route.control(in: reports)
      control.map(ControlJSON.init).write(to: &json)
    }
  }

  /// The route with that key or alias.
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

extension ControlledAgent {
  /// Where a route listens; nil for a route without a port of its own.
  func listener(of route: RegisteredRoute) -> ListenerState? {
    route.pool == .stream ? listener(of: route.id) : nil
  }
}
