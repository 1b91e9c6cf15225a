import RouteModel

/// A batch of changes that nobody sees yet: every alias that it touches, as it will be. The writer has one, which keeps its
/// memory from batch to batch.
struct Revision: Sendable {
  struct Draft: Sendable {
    let key: AliasKey
    var after: AliasHolders
    private let http: ObjectIdentifier?
    private let stream: ObjectIdentifier?

    init(key: AliasKey, before: AliasHolders) {
      (self.key, after) = (key, before)
      (http, stream) = (before.http.map(ObjectIdentifier.init), before.stream.map(ObjectIdentifier.init))
    }

    var wasActive: Bool { http != nil || stream != nil }

    /// Whether it leaves one of the two as it was.
    var changesOneAtMost: Bool {
      http == after.http.map(ObjectIdentifier.init) || stream == after.stream.map(ObjectIdentifier.init)
    }
  }

  /// Beyond it memory is given back after a batch.
  private static let usualSize = 64

  private(set) var drafts: [Draft] = []
  /// By alias, folded, from the second draft on.
  private var positions: [String: Int] = [:]

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
    // Of the first route to add, where each alias is named once.
    let first = drafts.count
    var moved: [RouteID] = []
    for index in routes.indices {
      let position = position(routes[index].route.id.alias.folded, of: pools, near: first + index)
      if drafts[position].after.detachIfMoving(routes[index]) { moved.append(routes[index].id) }
    }
    for index in routes.indices {
      let position = position(routes[index].route.id.alias.folded, of: pools, near: first + index)
      if !drafts[position].after.add(routes[index]) { changes.refused.append(routes[index].id) }
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
  }

  /// How many aliases lookups will find that they did not.
  var newAliases: Int {
    let drafts = drafts.span
    var count = 0
    for index in drafts.indices where !drafts[index].wasActive && drafts[index].after.isActive { count += 1 }
    return count
  }

  /// Whether one store carries it out in the table, so that no lookup can see half of it.
  var isOneStore: Bool {
    let drafts = drafts.span
    guard drafts.count == 1 else { return false }
    return !drafts[0].wasActive || drafts[0].after.isActive && drafts[0].changesOneAtMost
  }

  private mutating func remove(_ id: RouteID, of pools: borrowing Pools) -> RegistrySnapshot.Entry? {
    let position = position(id.alias.folded, of: pools, near: drafts.count)
    guard let route = drafts[position].after.remove(id) else { return nil }
    let before = pools.holders(of: drafts[position].key, id.alias.folded)
    return RegistrySnapshot.Entry(route, of: before)
  }

  /// Where the draft of that alias is, a new one where there was none. It is looked for at `hint` first.
  private mutating func position(_ folded: String, of pools: borrowing Pools, near hint: Int) -> Int {
    if hint < drafts.count, isDraft(at: hint, of: folded) { return hint }
    if !drafts.isEmpty {
      if isDraft(at: 0, of: folded) { return 0 }
      if let position = positions[folded] { return position }
      positions[folded] = drafts.count
    }
    let key = pools.key(of: folded)
    drafts.append(Draft(key: key, before: pools.holders(of: key, folded)))
    return drafts.count - 1
  }

  private func isDraft(at index: Int, of folded: String) -> Bool { drafts.span[index].after.folded == folded }
}
