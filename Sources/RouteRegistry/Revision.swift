import RouteModel

/// A batch of changes that nobody sees yet: every alias that it touches, as it will be.
struct Revision {
  private let table: AliasTable
  private(set) var drafts: [(key: AliasKey, holders: AliasHolders)] = []
  /// By alias, folded, from the second draft on.
  private var positions: [String: Int] = [:]

  init(of table: AliasTable) { self.table = table }

  /// What the batch comes to; its generation is not known here.
  mutating func revise(adding routes: [RegisteredRoute], removing ids: [RouteID]) -> AppliedChanges {
    var changes = AppliedChanges()
    for id in ids {
      if let entry = remove(id) { changes.removed.append(entry) }
    }
    let moved = routes.compactMap { detachIfMoving($0) }
    for route in routes where !add(route) { changes.refused.append(route.id) }
    for old in moved where changes.refused.contains(old.id) { _ = add(old) }
    return changes
  }

  private mutating func add(_ route: RegisteredRoute) -> Bool {
    let position = position(route.key, route.id)
    return drafts[position].holders.add(route)
  }

  private mutating func remove(_ id: RouteID) -> RegistrySnapshot.Entry? {
    let key = AliasKey(id.alias.folded)
    guard let before = table.entry(key, id.alias.folded) else { return nil }
    let position = position(key, id)
    return drafts[position].holders.remove(id).map { RegistrySnapshot.Entry($0, of: before.holders) }
  }

  /// Takes a route out of the pool that its new value leaves, so that its alias is free there for others.
  private mutating func detachIfMoving(_ route: RegisteredRoute) -> RegisteredRoute? {
    let position = position(route.key, route.id)
    guard let pool = drafts[position].holders.pool(of: route.id), pool != route.pool else { return nil }
    return drafts[position].holders.remove(route.id)
  }

  /// Where the draft of that alias is, a new one where there was none.
  private mutating func position(_ key: AliasKey, _ id: RouteID) -> Int {
    let folded = id.alias.folded
    if let first = drafts.first, first.key == key, first.holders.folded == folded { return 0 }
    if let position = positions[folded] { return position }
    if !drafts.isEmpty { positions[folded] = drafts.count }
    drafts.append((key, table.entry(key, folded)?.holders ?? AliasHolders(folded)))
    return drafts.count - 1
  }
}
