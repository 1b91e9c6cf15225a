import FoundationEssentials
import RouteModel

/// The pools behind the lock.
struct PoolState: Sendable {
  /// By folded alias.
  private(set) var http: [String: Route] = [:]
  private(set) var stream: [String: Route] = [:]
  /// Several excluded routes may share an alias: nothing is lost.
  private var excluded: [RouteID: Route] = [:]
  /// By folded alias, sorted.
  private var excludedIDs: [String: [RouteID]] = [:]
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

  /// Takes a route out of the pool that the new value will leave, so that its alias is free there for others.
  mutating func detachIfMoving(_ route: Route) -> Route? {
    guard let place = places[route.id], place != route.pool else { return nil }
    places[route.id] = nil
    return take(route.id, from: place)
  }

  /// False where another route holds the alias in that pool.
  mutating func add(_ route: Route) -> Bool {
    let folded = route.alias.folded
    let holder = route.pool == .http ? http[folded]?.id : route.pool == .stream ? stream[folded]?.id : nil
    guard holder == nil || holder == route.id else { return false }
    switch route.pool {
    case .http: http[folded] = route
    case .stream: stream[folded] = route
    case .excluded:
      if excluded.updateValue(route, forKey: route.id) == nil {
        excludedIDs[folded, default: []].append(route.id)
        excludedIDs[folded]?.sort()
      }
    }
    places[route.id] = route.pool
    return true
  }

  mutating func remove(_ id: RouteID) -> RegistrySnapshot.Entry? {
    guard let place = places[id] else { return nil }
    let isFirst = firstHolder(of: id.alias) == id
    places[id] = nil
    return take(id, from: place).map { route in
      RegistrySnapshot.Entry(key: isFirst ? route.alias.text : route.qualifiedKey, route: route)
    }
  }

  /// The route whose key is the alias itself: of the first pool that holds it.
  private func firstHolder(of alias: RouteAlias) -> RouteID? {
    http[alias.folded]?.id ?? stream[alias.folded]?.id ?? excludedIDs[alias.folded]?.first
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

  private mutating func take(_ id: RouteID, from pool: RoutePool) -> Route? {
    switch pool {
    case .http: return http.removeValue(forKey: id.alias.folded)
    case .stream: return stream.removeValue(forKey: id.alias.folded)
    case .excluded:
      excludedIDs[id.alias.folded]?.removeAll { $0 == id }
      if excludedIDs[id.alias.folded]?.isEmpty ?? false { excludedIDs[id.alias.folded] = nil }
      return excluded.removeValue(forKey: id)
    }
  }
}
