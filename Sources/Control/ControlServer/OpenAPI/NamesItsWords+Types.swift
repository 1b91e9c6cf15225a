import ControlAPI
import RouteModel

extension HealthStatus: Decodable {}

extension HealthStatus: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { SchemaCatalog.words(allCases.map(\.rawValue)) }
  static var sample: HealthStatus { .unknown }
}

extension ControlAPI.Route: NamesItsWords {
  static var words: [String: [String]] { ["pool": RoutePool.allCases.map(\.rawValue)] }
}

extension Health: NamesItsWords {
  static var words: [String: [String]] { ["status": HealthStatus.allCases.map(\.rawValue)] }
}

extension HealthSummary: NamesItsWords {
  static var words: [String: [String]] { Health.words }
}

extension HealthDetail: NamesItsWords {
  static var words: [String: [String]] { Health.words }
}

extension Guest: NamesItsWords {
  static var words: [String: [String]] { ["type": GuestType.allCases.map(\.rawValue)] }
}

extension ControlAPI.LinkedResource: NamesItsWords {
  static var words: [String: [String]] {
    [
      "guest_type": GuestType.allCases.map(\.rawValue),
      "matched_by": RouteModel.LinkedResource.MatchKey.allCases.map(\.rawValue),
    ]
  }
}

extension Node: NamesItsWords {
  static var words: [String: [String]] { ["status": NodeStatus.allCases.map(\.rawValue)] }
}
