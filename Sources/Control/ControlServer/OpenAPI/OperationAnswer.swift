import ControlAPI
import Reconciliation

/// The successful answer of an operation.
enum OperationAnswer: Sendable {
  /// JSON of one of the types, with one of the statuses.
  case json([any WireType.Type], statuses: [String])
  /// A page of that media type.
  case page(String)
  /// Server-sent events.
  case events
  /// The OpenAPI description itself.
  case description

  static func json(_ types: any WireType.Type...) -> OperationAnswer { .json(types, statuses: ["200"]) }

  /// The `responses` of an operation (OpenAPI 3.1 §4.8.16), without those that every operation has.
  func responses(_ catalog: SchemaCatalog) throws -> [String: JSONNode] {
    switch self {
    case .json(let types, let statuses):
      let schemas = try types.map { try catalog.schema(of: $0) }
      let schema = schemas.count == 1 ? schemas[0] : ["anyOf": .list(schemas)]
      let response = Self.response("application/json", schema)
      return Dictionary(statuses.map { ($0, response) }, uniquingKeysWith: { $1 })
    case .page(let mediaType): return ["200": Self.response(mediaType, ["type": "string"])]
    case .events:
      let kinds = try Event.Kind.allCases.map { ($0.rawValue, try catalog.schema(of: $0.dataType)) }
      let data: JSONNode = .object(Dictionary(kinds, uniquingKeysWith: { $1 }))
      // One event of the stream; the first consists of an id alone.
      let event: JSONNode = [
        "type": "object",
        "properties": [
          "id": ["type": "string"], "event": SchemaCatalog.words(Event.Kind.allCases.map(\.rawValue)),
          "data": ["type": "string"],
        ],
        "x-data-by-event": data,
      ]
      return ["200": Self.response("text/event-stream", event)]
    case .description: return ["200": Self.response("application/json", ["type": "object"])]
    }
  }

  static func response(_ mediaType: String, _ schema: JSONNode, _ description: String = "The answer.") -> JSONNode {
    ["description": .text(description), "content": [mediaType: ["schema": schema]]]
  }
}

extension Event.Kind {
  /// The type of the `data` of such an event.
  fileprivate var dataType: any WireType.Type {
    switch self {
    case .routeAdded, .routeRemoved, .routeChanged: EventData.RouteEvent.self
    case .linkChanged: EventData.LinkEvent.self
    case .healthChanged: EventData.HealthEvent.self
    case .guestChanged: EventData.GuestEvent.self
    case .nodeChanged: EventData.NodeEvent.self
    case .clusterChanged: EventData.ClusterEvent.self
    case .controlChanged: EventData.ControlEvent.self
    case .reload: EventData.ReloadEvent.self
    case .overflow: EventData.OverflowEvent.self
    }
  }
}
