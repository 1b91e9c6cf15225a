import RouteModel

/// A batch of changes that nobody sees yet: every alias that it touches, as it will be. The writer has one, which keeps its
/// memory from batch to batch.
struct Revision: Sendable {
  struct Draft: Sendable {
    let key: AliasKey
    let before: AliasHolders
    var after: AliasHolders
  }

  /// Beyond it memory is given back after a batch.
  private static let usualSize = 64

  private(set) var drafts: [Draft] = []
  /// By alias, folded, from the second draft on.
  private var positions: [String: Int] = [:]
  /// Of the drafts that the routes to add belong to.
  private var places: [Int] = []

  /// What the batch comes to; its generation is not known here.
  ///
  /// A route that is refused stays where it is, so that nobody else may have that place: where it was on its way to another
  /// pool, the batch is decided anew without it.
  mutating func revise(
    adding routes: [RegisteredRoute], removing ids: [RouteID], of pools: borrowing Pools
  ) -> AppliedChanges {
    var changes = AppliedChanges()
    for id in ids {
      if let entry = remove(id, of: pools) { changes.removed.append(entry) }
    }
    var moved: [RouteID] = []
    for route in routes {
      let place = position(route.route.id.alias.folded, of: pools)
      places.append(place)
      if drafts[place].after.detachIfMoving(route) { moved.append(route.id) }
    }
    for (route, place) in zip(routes, places) where !drafts[place].after.add(route) { changes.refused.append(route.id) }
    let staying = moved.filter(changes.refused.contains)
    guard !staying.isEmpty else { return changes }
    clear()
    changes = revise(adding: routes.filter { !staying.contains($0.id) }, removing: ids, of: pools)
    changes.refused += staying
    return changes
  }

  mutating func clear() {
    let wasUsual = drafts.count <= Self.usualSize
    drafts.removeAll(keepingCapacity: wasUsual)
    places.removeAll(keepingCapacity: wasUsual)
    if !positions.isEmpty { positions.removeAll(keepingCapacity: wasUsual) }
  }

  /// How many aliases lookups will find that they did not.
  var newAliases: Int {
    var count = 0
    for draft in drafts where !draft.before.isActive && draft.after.isActive { count += 1 }
    return count
  }

  /// Whether one store carries it out in the table, so that no lookup can see half of it.
  var isOneStore: Bool {
    guard drafts.count == 1, let draft = drafts.first else { return false }
    guard draft.before.isActive else { return true }
    return draft.after.isActive
      && (draft.before.http === draft.after.http || draft.before.stream === draft.after.stream)
  }

  private mutating func remove(_ id: RouteID, of pools: borrowing Pools) -> RegistrySnapshot.Entry? {
    let position = position(id.alias.folded, of: pools)
    return drafts[position].after.remove(id).map { RegistrySnapshot.Entry($0, of: drafts[position].before) }
  }

  /// Where the draft of that alias is, a new one where there was none.
  private mutating func position(_ folded: String, of pools: borrowing Pools) -> Int {
    if !drafts.isEmpty {
      if drafts[0].after.folded == folded { return 0 }
      if let position = positions[folded] { return position }
      positions[folded] = drafts.count
    }
    let key = pools.key(of: folded)
    let holders = pools.holders(of: key, folded)
    drafts.append(Draft(key: key, before: holders, after: holders))
    return drafts.count - 1
  }
}
