import FoundationEssentials
import Glibc
import RouteModel

/// The writer's side of the registry, behind its lock.
struct RegistryState: Sendable {
  private(set) var pools: Pools
  /// When this generation began, from the clock's coarse tick: reading the exact time takes as long as changing a
  /// route.
  private var beginning = timespec()
  /// Routes that the table has released and lookups no longer find.
  private var retired: [RegisteredRoute] = []
  private var revision = Revision()
  private var snapshot: RegistrySnapshot?
  /// Folded aliases that changed since the last snapshot.
  private var changed: [String] = []
  private var followers: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
  private var lastFollower: UInt64 = 0

  init(seed: UInt64) {
    pools = Pools(seed: seed)
    begin(0)
  }

  /// Decides the result of a batch, which is invisible until it is committed.
  mutating func revise(adding routes: [RegisteredRoute], removing ids: [RouteID]) -> AppliedChanges {
    revision.revise(adding: routes, removing: ids, of: pools)
  }

  /// Whether the revision is applied in place, to the table in use: if it is small, and the table has room.
  var fitsIntoTable: Bool { revision.isSmall && pools.table.hasRoom(for: revision.newAliases) }

  /// Whether the revision is a single store, so that no lookup can see half of it and none has to wait.
  var isOneStore: Bool { revision.isOneStore }

  mutating func commit() { pools.commit(revision, into: &retired) }

  /// Commits to another table, which lookups do not use yet.
  mutating func commitToOtherTable() {
    pools.moveToOtherTable(for: revision.newAliases)
    commit()
  }

  /// Records the changes for the next snapshot, and frees the routes that the table released.
  mutating func conclude() {
    if snapshot != nil {
      for draft in revision.drafts { changed.append(draft.folded) }
      // With that many changes, making the snapshot from scratch is cheaper.
      if changed.count > 64 + pools.counts.all / 8 { (snapshot, changed) = (nil, []) }
    }
    if retired.count > 64 { retired = [] } else { while retired.popLast() != nil {} }
  }

  mutating func endRevision() { revision.clear() }

  /// Begins a generation: records the time, and notifies the followers.
  mutating func begin(_ generation: UInt64) {
    clock_gettime(CLOCK_REALTIME_COARSE, &beginning)
    if !followers.isEmpty { notifyFollowers(generation) }
  }

  // Not inlined: its type metadata would be looked up on entry, with or without followers.
  @inline(never)
  private mutating func notifyFollowers(_ generation: UInt64) {
    for follower in followers.values { follower.yield(generation) }
  }

  mutating func addFollower(_ follower: AsyncStream<UInt64>.Continuation) -> UInt64 {
    lastFollower += 1
    followers[lastFollower] = follower
    return lastFollower
  }

  mutating func removeFollower(_ id: UInt64) { followers[id] = nil }

  /// All routes. O(1) while nothing changed, proportional to a few changes, else linear in the table, and sorting.
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
