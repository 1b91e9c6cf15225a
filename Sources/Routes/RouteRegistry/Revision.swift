import RouteModel

/// A batch of changes before it is visible: the new state of every alias that it affects. The writer reuses one, to
/// keep its memory from batch to batch.
struct Revision: Sendable {
  /// Valid as long as the batch and the unchanged pools: see ``ActiveRoutes``.
  struct Draft: Sendable {
    let key: AliasKey
    let folded: String
    let before: ActiveRoutes
    var after: ActiveRoutes
  }

  /// Above this size, memory is freed after a batch.
  private static let usualSize = 64

  private(set) var drafts: [Draft] = []
  /// The new excluded routes of the folded aliases where they change; each ordered by ID.
  private(set) var excluded: [String: [RegisteredRoute]] = [:]
  /// By folded alias, from the second draft on.
  private var positions: [String: Int] = [:]

  /// Decides the result of the batch, without its generation.
  ///
  /// A refused route keeps its previous place, so that no other route can take it. If it was to move to another pool,
  /// the batch is decided again without it.
  mutating func revise(
    adding routes: [RegisteredRoute], removing ids: [RouteID], of pools: borrowing Pools
  ) -> AppliedChanges {
    var changes = AppliedChanges()
    // Spans avoid copies, which would retain references.
    let (removed, added) = (ids.span, routes.span)
    for index in removed.indices {
      guard let entry = remove(removed[index], of: pools) else { continue }
      // Usually one route is removed, and an array literal is cheaper than a growing array.
      if changes.removed.isEmpty { changes.removed = [entry] } else { changes.removed.append(entry) }
    }
    var (moved, waiting): ([RouteID], [Int]) = ([], [])
    for index in added.indices {
      let route = ActiveRoutes.Reference.passUnretained(added[index])
      let position = position(added[index].route.id.alias.folded, of: pools)
      if removeIfMoving(route, at: position, of: pools) { moved.append(added[index].id) }
      if !insert(route, at: position, of: pools) { waiting.append(index) }
    }
    // The route that had the place may have left it meanwhile.
    for index in waiting {
      let position = position(added[index].route.id.alias.folded, of: pools)
      if !insert(.passUnretained(added[index]), at: position, of: pools) { changes.refused.append(added[index].id) }
    }
    if moved.isEmpty || changes.refused.isEmpty { return changes }
    let staying = moved.filter(changes.refused.contains)
    guard !staying.isEmpty else { return changes }
    clear()
    changes = revise(adding: routes.filter { !staying.contains($0.id) }, removing: ids, of: pools)
    changes.refused += staying
    return changes
  }

  mutating func clear() {
    guard drafts.count <= Self.usualSize else { return self = Revision() }
    while drafts.popLast() != nil {}
    if !positions.isEmpty { positions.removeAll(keepingCapacity: true) }
    if !excluded.isEmpty { excluded.removeAll(keepingCapacity: true) }
  }

  /// The number of aliases that become findable.
  var newAliases: Int {
    let drafts = drafts.span
    var count = 0
    for index in drafts.indices where drafts[index].before.isEmpty && !drafts[index].after.isEmpty { count += 1 }
    return count
  }

  /// Whether one store applies it to the table, so that no lookup can see half of it.
  var isOneStore: Bool {
    let drafts = drafts.span
    guard drafts.count == 1 else { return false }
    let (before, after) = (drafts[0].before, drafts[0].after)
    return before.http.isSame(as: after.http) || before.stream.isSame(as: after.stream)
  }

  /// Whether it is so small that lookups may wait while it is applied to the table.
  var isSmall: Bool { drafts.count <= 64 }
}

// The rules of the pools.
extension Revision {
  @inline(__always)
  private mutating func remove(_ id: RouteID, of pools: borrowing Pools) -> RegistrySnapshot.Entry? {
    let position = position(id.alias.folded, of: pools)
    guard let pool = pool(of: id, at: position, of: pools) else { return nil }
    guard let route = remove(id, of: pool, at: position, of: pools) else { return nil }
    let before = drafts.span[position].before
    let isFirst = before.isEmpty ? pools.excluded[id.alias.folded]?.first === route : before.isFirst(route)
    return RegistrySnapshot.Entry(route, isFirst: isFirst)
  }

  /// If the new value of a route has another pool, removes the former value, so that its alias there is free for
  /// others.
  private mutating func removeIfMoving(
    _ route: ActiveRoutes.Reference, at position: Int, of pools: borrowing Pools
  ) -> Bool {
    if drafts.span[position].after.isEmpty, !hasExcluded(pools) { return false }
    return route._withUnsafeGuaranteedRef { route in
      guard let pool = pool(of: route.route.id, at: position, of: pools), pool != route.route.pool else { return false }
      return remove(route.route.id, of: pool, at: position, of: pools) != nil
    }
  }

  /// The pool that contains the route with that ID.
  private func pool(of id: RouteID, at position: Int, of pools: borrowing Pools) -> RoutePool? {
    let active = drafts.span[position].after
    if active.http.isRoute(id) { return .http }
    if active.stream.isRoute(id) { return .stream }
    guard hasExcluded(pools) else { return nil }
    return excludedRoutes(of: id.alias.folded, of: pools).contains { $0.id == id } ? .excluded : nil
  }

  private mutating func remove(
    _ id: RouteID, of pool: RoutePool, at position: Int, of pools: borrowing Pools
  ) -> RegisteredRoute? {
    var removed: ActiveRoutes.Reference?
    switch pool {
    case .http: swap(&removed, &drafts[position].after.http)
    case .stream: swap(&removed, &drafts[position].after.stream)
    case .excluded:
      var routes = excludedRoutes(of: id.alias.folded, of: pools)
      let route = routes.firstIndex { $0.id == id }.map { routes.remove(at: $0) }
      excluded[id.alias.folded] = routes
      return route
    }
    return removed?.takeUnretainedValue()
  }

  /// Replaces the route with the same ID in that pool. Returns false if another route has the alias there.
  private mutating func insert(_ route: ActiveRoutes.Reference, at position: Int, of pools: borrowing Pools) -> Bool {
    let active = drafts.span[position].after
    switch route._withUnsafeGuaranteedRef({ $0.route.pool }) {
    case .http:
      guard active.http == nil || active.http.isRoute(as: route) else { return false }
      drafts[position].after.http = route
    case .stream:
      guard active.stream == nil || active.stream.isRoute(as: route) else { return false }
      drafts[position].after.stream = route
    case .excluded: insertExcluded(route.takeUnretainedValue(), of: pools)
    }
    return true
  }

  private mutating func insertExcluded(_ route: RegisteredRoute, of pools: borrowing Pools) {
    var routes = excludedRoutes(of: route.id.alias.folded, of: pools)
    routes.removeAll { $0.id == route.id }
    routes.insert(route, at: routes.firstIndex { route.id < $0.id } ?? routes.endIndex)
    excluded[route.id.alias.folded] = routes
  }

  private func hasExcluded(_ pools: borrowing Pools) -> Bool { !pools.excluded.isEmpty || !excluded.isEmpty }

  private func excludedRoutes(of folded: String, of pools: borrowing Pools) -> [RegisteredRoute] {
    excluded[folded] ?? pools.excluded[folded] ?? []
  }

  /// The index of the draft for that alias, which is created if it is missing.
  private mutating func position(_ folded: String, of pools: borrowing Pools) -> Int {
    if !drafts.isEmpty {
      if drafts.span[0].folded == folded { return 0 }
      if let position = positions[folded] { return position }
      positions[folded] = drafts.count
    }
    let key = pools.key(of: folded)
    let active = pools.table.routes(key)
    drafts.append(Draft(key: key, folded: folded, before: active, after: active))
    return drafts.count - 1
  }
}
