import FoundationEssentials
import RouteModel

/// The pools behind the lock.
struct PoolState: Sendable {
  /// By folded alias.
  private(set) var http: [String: Route] = [:]
  private(set) var stream: [String: Route] = [:]
  /// Several excluded routes may share an alias: nothing is lost.
  private var excluded: [RouteID: Route] = [:]
  private var places: [RouteID: RoutePool] = [:]
  private(set) var generation: UInt64 = 0
  private var asOf: Date
  private var snapshot: RegistrySnapshot?

  init(asOf: Date) { self.asOf = asOf }

  func count(in pool: RoutePool) -> Int {
    switch pool {
    case .http: http.count
    case .stream: stream.count
    case .excluded: excluded.count
    }
  }

  func active(_ folded: String) -> Route? { http[folded] ?? stream[folded] }

  func isMoving(_ route: Route) -> Bool { places[route.id].map { $0 != route.pool } ?? false }

  /// False where another route holds the alias in that pool.
  mutating func add(_ route: Route) -> Bool {
    let folded = route.alias.folded
    let holder = route.pool == .http ? http[folded]?.id : route.pool == .stream ? stream[folded]?.id : nil
    guard holder == nil || holder == route.id else { return false }
    if let place = places[route.id], place != route.pool { take(route.id, from: place) }
    switch route.pool {
    case .http: http[folded] = route
    case .stream: stream[folded] = route
    case .excluded: excluded[route.id] = route
    }
    places[route.id] = route.pool
    return true
  }

  mutating func remove(_ id: RouteID) -> RegistrySnapshot.Entry? {
    guard let place = places.removeValue(forKey: id) else { return nil }
    let key = currentSnapshot().key(of: id)
    return take(id, from: place).map { RegistrySnapshot.Entry(key: key ?? $0.qualifiedKey, route: $0) }
  }

  mutating func advance(now: Date) {
    generation += 1
    asOf = now
    snapshot = nil
  }

  mutating func currentSnapshot() -> RegistrySnapshot {
    if let snapshot { return snapshot }
    let routes = Array(http.values) + Array(stream.values) + Array(excluded.values)
    let made = RegistrySnapshot(generation: generation, asOf: asOf, routes: routes)
    snapshot = made
    return made
  }

  @discardableResult
  private mutating func take(_ id: RouteID, from pool: RoutePool) -> Route? {
    switch pool {
    case .http: http.removeValue(forKey: id.alias.folded)
    case .stream: stream.removeValue(forKey: id.alias.folded)
    case .excluded: excluded.removeValue(forKey: id)
    }
  }
}
