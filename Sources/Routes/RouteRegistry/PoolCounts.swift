package import RouteModel

/// The number of routes in each pool, all at one generation.
package struct PoolCounts: Hashable, Sendable {
  package internal(set) var http = 0
  package internal(set) var stream = 0
  package internal(set) var excluded = 0

  /// The number in the served pools.
  package var active: Int { http + stream }
  package var all: Int { active + excluded }

  package subscript(pool: RoutePool) -> Int {
    switch pool {
    case .http: http
    case .stream: stream
    case .excluded: excluded
    }
  }
}
