import RouteModel

/// The routes of all pools as the writer keeps them: those that lookups find in the table, the excluded ones beside it.
struct Pools: Sendable {
  private(set) var table = AliasTable()
  /// Tables that readers may still be in. Each had at most half the room of the one after it, so that all of them weigh less
  /// than the table.
  private var outgrown: [AliasTable] = []
  /// By alias, folded; each ordered by id.
  private var excluded: [String: [RegisteredRoute]] = [:]
  private(set) var counts = PoolCounts()
  let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  func key(of folded: String) -> AliasKey { AliasKey(folded, seed: seed) }

  func holders(of key: AliasKey, _ folded: String) -> AliasHolders {
    let (http, stream) = table.routes(key, folded)
    return AliasHolders(
      folded, http: http, stream: stream, excluded: excluded.isEmpty ? [] : excluded[folded] ?? [])
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

  /// Carries the drafts out; what the table gave up goes to `retirement`, as readers may still look at it.
  mutating func commit(_ drafts: [Revision.Draft], into retirement: inout Retirement) {
    // A span lends the drafts; a copy of one counts references.
    let drafts = drafts.span
    for index in drafts.indices { commit(drafts[index], into: &retirement) }
  }

  private mutating func commit(_ draft: borrowing Revision.Draft, into retirement: inout Retirement) {
    let old = table.set(draft.key, draft.after.folded, http: draft.after.http, stream: draft.after.stream)
    counts.http += (draft.after.http == nil ? 0 : 1) - (old.http == nil ? 0 : 1)
    counts.stream += (draft.after.stream == nil ? 0 : 1) - (old.stream == nil ? 0 : 1)
    retirement.retire(old.http)
    retirement.retire(old.stream)
    if !excluded.isEmpty || !draft.after.excluded.isEmpty { setExcluded(draft.after.excluded, of: draft.after.folded) }
  }

  private mutating func setExcluded(_ routes: [RegisteredRoute], of folded: String) {
    let old = routes.isEmpty ? excluded.removeValue(forKey: folded) : excluded.updateValue(routes, forKey: folded)
    counts.excluded += routes.count - (old?.count ?? 0)
  }
}
