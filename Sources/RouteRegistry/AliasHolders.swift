import RouteModel

/// Who goes by an alias, by pool.
struct AliasHolders: Sendable {
  let folded: String
  private(set) var http: RegisteredRoute?
  private(set) var stream: RegisteredRoute?
  /// Ordered by id.
  private(set) var excluded: [RegisteredRoute] = []

  init(
    _ folded: String, http: RegisteredRoute? = nil, stream: RegisteredRoute? = nil, excluded: [RegisteredRoute] = []
  ) {
    (self.folded, self.http, self.stream, self.excluded) = (folded, http, stream, excluded)
  }

  var isActive: Bool { http != nil || stream != nil }

  /// The one that has the alias as its key.
  var first: RegisteredRoute? { http ?? stream ?? excluded.first }

  /// In the order in which they may have the alias as their key.
  func forEach(_ body: (RegisteredRoute) -> Void) {
    if let http { body(http) }
    if let stream { body(stream) }
    excluded.forEach(body)
  }

  /// The pool in which the route of that id is.
  func pool(of id: RouteID) -> RoutePool? {
    if let http, http.route.id == id { return .http }
    if let stream, stream.route.id == id { return .stream }
    return excluded.contains { $0.id == id } ? .excluded : nil
  }

  /// Over the one of the same id in that pool; false where another route has the alias there.
  mutating func add(_ route: RegisteredRoute) -> Bool {
    switch route.pool {
    case .http:
      if let http, http.route.id != route.route.id { return false }
      http = route
    case .stream:
      if let stream, stream.route.id != route.route.id { return false }
      stream = route
    case .excluded:
      excluded.removeAll { $0.id == route.id }
      excluded.insert(route, at: excluded.firstIndex { route.id < $0.id } ?? excluded.endIndex)
    }
    return true
  }

  /// Takes a route out of the pool that its new value leaves, so that its place there is free for others.
  mutating func detachIfMoving(_ route: RegisteredRoute) -> Bool {
    guard let pool = pool(of: route.id), pool != route.pool else { return false }
    return remove(route.id) != nil
  }

  mutating func remove(_ id: RouteID) -> RegisteredRoute? {
    var removed: RegisteredRoute?
    switch pool(of: id) {
    case .http: swap(&removed, &http)
    case .stream: swap(&removed, &stream)
    case .excluded: removed = excluded.firstIndex { $0.id == id }.map { excluded.remove(at: $0) }
    case nil: break
    }
    return removed
  }
}
