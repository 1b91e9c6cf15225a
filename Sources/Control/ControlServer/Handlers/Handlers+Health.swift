import ControlAPI
import FoundationEssentials
import RouteModel
import RouteRegistry

/// How much `/v1/health` tells.
enum HealthView: String, CaseIterable { case full, summary, status, history }

extension Handlers {
  func healthOfAll(_ request: APIRequest) throws -> Response {
    _ = try request.query.single("view")
    let snapshot = agent.registry.snapshot
    switch try request.query.all("view", as: HealthView.self).first ?? .full {
    case .full: return try .json(healthList(snapshot, snapshot.healthInfo) { Health($0) })
    case .summary: return try .json(healthList(snapshot, snapshot.healthSummaries) { HealthSummary($0) })
    case .status: return try .json(healthList(snapshot, snapshot.healthStatuses) { $0.rawValue })
    case .history:
      let details = snapshot.entries.map { ($0.key, HealthDetail($0)) }
      return try .json(
        HealthList(
          generation: snapshot.generation, health: Dictionary(details, uniquingKeysWith: { first, _ in first })))
    }
  }

  func health(_ request: APIRequest) throws -> Response {
    try .json(HealthDetail(try entry(request.alias)))
  }

  private func healthList<Health, Value>(
    _ snapshot: RegistrySnapshot, _ entries: [(key: RouteKey, health: Health)], _ value: (Health) -> Value
  ) -> HealthList<Value> {
    HealthList(
      generation: snapshot.generation,
      health: Dictionary(entries.map { ($0.key, value($0.health)) }, uniquingKeysWith: { first, _ in first }))
  }
}
