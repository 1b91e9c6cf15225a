import RouteModel

/// The writer's view of all pools: active routes are in the table that lookups use, excluded ones beside it.
struct Pools: Sendable {
  private(set) var table = AliasTable()
  /// The previous table, to be filled next. Readers may still use it; they detect that it is being filled.
  private var spare: AliasTable?
  /// Smaller tables that readers may still use. Each had at most half the capacity of the next one, so that all of them
  /// together are smaller than the table.
  private var outgrown: [AliasTable] = []
  /// By alias, folded; each ordered by ID.
  private(set) var excluded: [String: [RegisteredRoute]] = [:]
  private(set) var counts = PoolCounts()
  let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  func key(of folded: String) -> AliasKey { AliasKey(folded, seed: seed) }

  /// The routes with that alias, in the order in which they may have it as their key.
  func routes(of folded: String) -> [RegisteredRoute] {
    var routes: [RegisteredRoute] = []
    table.routes(key(of: folded)).forEach { routes.append($0) }
    return routes + (excluded[folded] ?? [])
  }

  func forEach(_ body: (RegisteredRoute) -> Void) {
    table.forEach(body)
    for routes in excluded.values { routes.forEach(body) }
  }

  /// Moves everything to another table, which has room for that many more aliases and no readers yet.
  mutating func moveToOtherTable(for more: Int) {
    let capacity = max(table.capacity, AliasTable.capacity(for: table.count + more))
    var other = AliasTable?.none
    if let spare {
      if spare.capacity == capacity { other = spare } else { outgrown.append(spare) }
    }
    let next = other ?? AliasTable(capacity: capacity)
    next.reset()
    table.move(to: next)
    (spare, table) = (table, next)
  }

  /// Applies the revision; routes that the table releases are appended to `retired`.
  mutating func commit(_ revision: borrowing Revision, into retired: inout [RegisteredRoute]) {
    // A span and separate fields avoid copies, which would retain references.
    let drafts = revision.drafts.span
    for index in drafts.indices {
      commit(drafts[index].key, from: drafts[index].before, to: drafts[index].after, into: &retired)
    }
    guard !revision.excluded.isEmpty else { return }
    for (folded, routes) in revision.excluded { setExcluded(routes, of: folded) }
  }

  @inline(__always)
  private mutating func commit(
    _ key: AliasKey, from before: ActiveRoutes, to after: ActiveRoutes, into retired: inout [RegisteredRoute]
  ) {
    table.set(key, from: before, to: after)
    counts.http += (after.http == nil ? 0 : 1) - (before.http == nil ? 0 : 1)
    counts.stream += (after.stream == nil ? 0 : 1) - (before.stream == nil ? 0 : 1)
    if let route = before.http, !before.http.isSame(as: after.http) { retired.append(route.takeRetainedValue()) }
    if let route = before.stream, !before.stream.isSame(as: after.stream) { retired.append(route.takeRetainedValue()) }
  }

  private mutating func setExcluded(_ routes: [RegisteredRoute], of folded: String) {
    let old = routes.isEmpty ? excluded.removeValue(forKey: folded) : excluded.updateValue(routes, forKey: folded)
    counts.excluded += routes.count - (old?.count ?? 0)
  }
}
