import ControlAPI
import RouteModel

extension HealthStatus: Decodable {}

extension HealthStatus: SchemaDescribed {
  static func schema(in _: SchemaCatalog) -> JSONNode { SchemaCatalog.words(allCases.map(\.rawValue)) }
  static var sample: HealthStatus { .unknown }
}

extension RouteJSON: NamesItsWords {
  static var words: [String: [String]] { ["pool": RoutePool.allCases.map(\.rawValue)] }
}

extension HealthJSON: NamesItsWords {
  static var words: [String: [String]] { ["status": HealthStatus.allCases.map(\.rawValue)] }
}

extension HealthSummary: NamesItsWords {
  static var words: [String: [String]] { HealthJSON.words }
}

extension HealthDetail: NamesItsWords {
  static var words: [String: [String]] { HealthJSON.words }
}

extension GuestJSON: NamesItsWords {
  static var words: [String: [String]] { ["type": GuestType.allCases.map(\.rawValue)] }
}

extension LinkedResourceJSON: NamesItsWords {
  static var words: [String: [String]] {
    [
      "guest_type": GuestType.allCases.map(\.rawValue),
      "matched_by": LinkedResource.MatchKey.allCases.map(\.rawValue),
    ]
  }
}

extension NodeJSON: NamesItsWords {
  static var words: [String: [String]] { ["status": NodeStatus.allCases.map(\.rawValue)] }
}
