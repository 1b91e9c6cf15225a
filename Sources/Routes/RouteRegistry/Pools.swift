import RouteModel

/// The routes of all pools as the writer keeps them: those that lookups find in the table, the excluded ones beside it.
struct Pools: Sendable {
  private(set) var table = AliasTable()
  /// Tables that readers may still be in. Each had at most half the room of the one after it, so that all of them weigh less
  /// than the table.
  private var outgrown: [AliasTable] = []
  /// By alias, folded; each ordered by id.
  private(set) var excluded: [String: [RegisteredRoute]] = [:]
  private(set) var counts = PoolCounts()
  let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  func key(of folded: String) -> AliasKey { AliasKey(folded, seed: seed) }

  /// Of that alias, in the order in which they may have it as their key.
  func routes(of folded: String) -> [RegisteredRoute] {
    var routes: [RegisteredRoute] = []
    table.routes(key(of: folded), folded).forEach { routes.append($0) }
    return routes + (excluded[folded] ?? [])
  }

  func forEach(_ body: (RegisteredRoute) -> Void) {
    table.forEach(body)
    for routes in excluded.values { routes.forEach(body) }
  }

  /// Gives the table room for so many more aliases; tells whether it is another table now, which nobody reads yet.
  mutating func makeRoom(for more: Int) -> Bool {
    guard !table.hasRoom(for: more) else { return false }
    outgrown.append(table)
    table = table.grown(by: more)
    return true
  }

  /// Carries the revision out; what the table gave up goes to `retirement`, as readers may still look at it.
  mutating func commit(_ revision: borrowing Revision, into retirement: inout Retirement) {
    // A span lends the drafts, and field by field none is copied: a copy counts references.
    let drafts = revision.drafts.span
    for index in drafts.indices {
      commit(drafts[index].key, from: drafts[index].before, to: drafts[index].after, into: &retirement)
    }
    guard !revision.excluded.isEmpty else { return }
    for (folded, routes) in revision.excluded { setExcluded(routes, of: folded) }
  }

  @inline(__always)
  private mutating func commit(
    _ key: AliasKey, from before: ActiveRoutes, to after: ActiveRoutes, into retirement: inout Retirement
  ) {
    table.set(key, from: before, to: after)
    counts.http += (after.http == nil ? 0 : 1) - (before.http == nil ? 0 : 1)
    counts.stream += (after.stream == nil ? 0 : 1) - (before.stream == nil ? 0 : 1)
    if !before.http.isSame(as: after.http) { retirement.retire(before.http) }
    if !before.stream.isSame(as: after.stream) { retirement.retire(before.stream) }
  }

  private mutating func setExcluded(_ routes: [RegisteredRoute], of folded: String) {
    let old = routes.isEmpty ? excluded.removeValue(forKey: folded) : excluded.updateValue(routes, forKey: folded)
    counts.excluded += routes.count - (old?.count ?? 0)
  }
}
