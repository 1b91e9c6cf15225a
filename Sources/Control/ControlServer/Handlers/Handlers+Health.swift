import ControlAPI
import FoundationEssentials
import JSONDocument
import RouteModel
import RouteRegistry

/// The level of detail of `/v1/health`.
enum HealthDetailLevel: String, CaseIterable { case full, summary, status, history }

extension Handlers {
  func healthOfAll(_ request: APIRequest) throws -> Response {
    _ = try request.query.single("view")
    let now = CompactInstant.now
    switch try request.query.all("view", as: HealthDetailLevel.self).first ?? .full {
    case .full: return healthOfAll { HealthJSON($0.registered.route.health.report, at: now).write(to: &$1) }
    case .summary: return healthOfAll { HealthSummary($0.registered.route.health.numbers(at: now)).write(to: &$1) }
    case .status: return healthOfAll { $1.write(plain: $0.registered.route.health.status.rawValue) }
    case .history: return healthOfAll { HealthDetail($0).write(to: &$1) }
    }
  }

  func health(_ request: APIRequest) throws -> Response {
    .json(HealthDetail(try entry(request.alias)))
  }

  private func healthOfAll(
    _ write: @escaping @Sendable (RegistrySnapshot.Entry, inout JSONWriter) -> Void
  ) -> Response {
    let snapshot = agent.registry.snapshot
    return .json([
      .init { HealthList<HealthJSON>.begin(&$0, generation: snapshot.generation) },
      .init(count: snapshot.entryRuns.count) { index, json in
        for entry in snapshot.entryRuns[index] {
          json.key(entry.key)
          write(entry, &json)
        }
      },
      .init {
        $0.endObject()
        $0.endObject()
      },
    ])
  }
}
