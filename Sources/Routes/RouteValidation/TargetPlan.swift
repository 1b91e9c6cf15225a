package import RouteModel

/// Where a route's traffic may go.
package enum TargetPlan: Hashable, Sendable {
  case fixed(Upstream)
  /// In the order of preference; the first that can be reached is the target.
  case firstReachable([Upstream])
  /// Nowhere, and why.
  case none(String)

  package var candidates: [Upstream] {
    switch self {
    case .fixed(let upstream): [upstream]
    case .firstReachable(let upstreams): upstreams
    case .none: []
    }
  }
}
