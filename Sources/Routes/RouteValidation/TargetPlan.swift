package import RouteModel

/// The possible targets of a route.
package enum TargetPlan: Hashable, Sendable {
  case fixed(Upstream)
  /// In order of preference; the first reachable one is the target.
  case firstReachable([Upstream])
  /// No target, with the reason.
  case none(String)

  package var candidates: [Upstream] {
    switch self {
    case .fixed(let upstream): [upstream]
    case .firstReachable(let upstreams): upstreams
    case .none: []
    }
  }
}
