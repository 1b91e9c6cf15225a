package import RouteModel

/// How many routes each pool holds, all at one generation.
package struct PoolCounts: Hashable, Sendable {
  package internal(set) var http = 0
  package internal(set) var stream = 0
  package internal(set) var excluded = 0

  /// Of the pools that are served.
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
