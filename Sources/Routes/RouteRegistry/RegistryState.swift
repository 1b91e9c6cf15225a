import FoundationEssentials
import Glibc
import RouteModel

/// The writer's side of the registry, behind its lock.
struct RegistryState: Sendable {
  private(set) var pools: Pools
  /// When this generation began, by the system's last tick: to look at the clock itself takes as long as to change a route.
  private var beginning = timespec()
  /// What the table gave up and lookups find no more; let go when nobody waits.
  private var retired: [RegisteredRoute] = []
  private var revision = Revision()
  private var snapshot: RegistrySnapshot?
  /// Aliases, folded, that changed since the snapshot.
  private var changed: [String] = []
  private var followers: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
  private var lastFollower: UInt64 = 0

  init(seed: UInt64) {
    pools = Pools(seed: seed)
    begin(0)
  }

  /// Decides what a batch comes to, of which nothing is seen before it is committed.
  mutating func revise(adding routes: [RegisteredRoute], removing ids: [RouteID]) -> AppliedChanges {
    revision.revise(adding: routes, removing: ids, of: pools)
  }

  /// Whether the revision goes into the table that lookups are in: if it is small, and there is room for it.
  var fitsIntoTable: Bool { revision.isSmall && pools.table.hasRoom(for: revision.newAliases) }

  /// Whether no lookup can see half of the revision, so that none needs to wait for it.
  var isOneStore: Bool { revision.isOneStore }

  mutating func commit() { pools.commit(revision, into: &retired) }

  /// Commits to another table, in which lookups are not yet.
  mutating func commitToOtherTable() {
    pools.moveToOtherTable(for: revision.newAliases)
    commit()
  }

  /// Remembers what the next snapshot has to look at, and lets go of what was taken out.
  mutating func conclude() {
    if snapshot != nil {
      for draft in revision.drafts { changed.append(draft.folded) }
      // Making the snapshot from nothing is cheaper then.
      if changed.count > 64 + pools.counts.all / 8 { (snapshot, changed) = (nil, []) }
    }
    if retired.count > 64 { retired = [] } else { while retired.popLast() != nil {} }
  }

  mutating func endRevision() { revision.clear() }

  /// Begins a generation: notes the time, and tells those who follow.
  mutating func begin(_ generation: UInt64) {
    clock_gettime(CLOCK_REALTIME_COARSE, &beginning)
    if !followers.isEmpty { tell(generation) }
  }

  // Not inlined: what it needs to know of its types is looked up on entry, whether anybody follows or not.
  @inline(never)
  private mutating func tell(_ generation: UInt64) {
    for follower in followers.values { follower.yield(generation) }
  }

  mutating func addFollower(_ follower: AsyncStream<UInt64>.Continuation) -> UInt64 {
    lastFollower += 1
    followers[lastFollower] = follower
    return lastFollower
  }

  mutating func removeFollower(_ id: UInt64) { followers[id] = nil }

  /// All routes; O(1) while nothing changed, the cost of the changes if they were few, else linear in the table, and sorting.
  mutating func currentSnapshot(generation: UInt64) -> RegistrySnapshot {
    if let snapshot, snapshot.generation == generation { return snapshot }
    var runs = snapshot?.runs ?? EntryRuns(sorted())
    snapshot = nil
    for alias in changed { runs.replace(alias, with: pools.routes(of: alias)) }
    changed.removeAll(keepingCapacity: true)
    let asOf = Date(timeIntervalSince1970: Double(beginning.tv_sec) + Double(beginning.tv_nsec) / 1e9)
    let made = RegistrySnapshot(generation: generation, asOf: asOf, counts: pools.counts, runs: runs)
    snapshot = made
    return made
  }

  private func sorted() -> [RegisteredRoute] {
    var routes: [RegisteredRoute] = []
    routes.reserveCapacity(pools.counts.all)
    pools.forEach { routes.append($0) }
    routes.sort { left, right in
      let (first, second) = (left.id.alias.folded, right.id.alias.folded)
      return first == second ? (left.pool, left.id) < (right.pool, right.id) : first < second
    }
    return routes
  }
}
