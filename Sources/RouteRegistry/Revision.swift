import RouteModel

/// A batch of changes that nobody sees yet: every alias that it touches, as it will be.
struct Revision {
  struct Draft {
    let key: AliasKey
    let before: AliasHolders
    var after: AliasHolders
  }

  private let pools: Pools
  private(set) var drafts: [Draft] = []
  /// By alias, folded, from the second draft on.
  private var positions: [String: Int] = [:]

  init(of pools: Pools) { self.pools = pools }

  /// What the batch comes to; its generation is not known here.
  ///
  /// A route that is refused stays where it is, so that nobody else may have that place: where it was on its way to another
  /// pool, the batch is decided anew without it.
  mutating func revise(adding routes: [RegisteredRoute], removing ids: [RouteID]) -> AppliedChanges {
    var routes = routes
    var stayed: [RouteID] = []
    while true {
      var changes = AppliedChanges()
      changes.removed = ids.compactMap { remove($0) }
      let moved = routes.compactMap { detachIfMoving($0) }
      for route in routes where !add(route) { changes.refused.append(route.id) }
      let staying = moved.map(\.id).filter(changes.refused.contains)
      guard !staying.isEmpty else {
        changes.refused += stayed
        return changes
      }
      stayed += staying
      routes.removeAll { staying.contains($0.id) }
      (drafts, positions) = ([], [:])
    }
  }

  /// How many aliases lookups will find that they did not.
  var newAliases: Int { drafts.count { !$0.before.isActive && $0.after.isActive } }

  private mutating func add(_ route: RegisteredRoute) -> Bool {
    let position = position(route.key, route.id)
    return drafts[position].after.add(route)
  }

  private mutating func remove(_ id: RouteID) -> RegistrySnapshot.Entry? {
    let position = position(AliasKey(id.alias.folded.utf8.span.bytes), id)
    return drafts[position].after.remove(id).map { RegistrySnapshot.Entry($0, of: drafts[position].before) }
  }

  /// Takes a route out of the pool that its new value leaves, so that its alias is free there for others.
  private mutating func detachIfMoving(_ route: RegisteredRoute) -> RegisteredRoute? {
    let position = position(route.key, route.id)
    guard let pool = drafts[position].after.pool(of: route.id), pool != route.pool else { return nil }
    return drafts[position].after.remove(route.id)
  }

  /// Where the draft of that alias is, a new one where there was none.
  private mutating func position(_ key: AliasKey, _ id: RouteID) -> Int {
    let folded = id.alias.folded
    if let first = drafts.first, first.key == key, first.after.folded == folded { return 0 }
    if let position = positions[folded] { return position }
    if !drafts.isEmpty { positions[folded] = drafts.count }
    let holders = pools.holders(of: key, folded)
    drafts.append(Draft(key: key, before: holders, after: holders))
    return drafts.count - 1
  }
}
