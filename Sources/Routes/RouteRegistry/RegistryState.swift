import FoundationEssentials
import Glibc
import RouteModel

/// The writer's side of the registry, behind its lock.
struct RegistryState: Sendable {
  private(set) var pools: Pools
  /// When this generation began, by the system's last tick: to look at the clock itself takes as long as to change a route.
  private var beginning = timespec()
  private var retirement = Retirement()
  private var revision = Revision()
  private var snapshot: RegistrySnapshot?
  /// Aliases, folded, that changed since the snapshot; nil without one.
  private var changed: [String]?
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

  /// Gives the table room for the revision; tells whether it is another table now, which nobody reads yet.
  mutating func makeRoom() -> Bool { pools.makeRoom(for: revision.newAliases) }

  /// Whether no lookup can see half of the revision, so that none needs to wait for it.
  var isOneStore: Bool { revision.isOneStore }

  mutating func commit() { pools.commit(revision, into: &retirement) }

  /// Remembers what the next snapshot has to look at.
  mutating func note() {
    guard changed != nil else { return }
    for draft in revision.drafts { changed?.append(draft.folded) }
    // More changes than routes: making the snapshot from nothing is cheaper.
    if let changed, changed.count > pools.counts.all { (snapshot, self.changed) = (nil, nil) }
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

  mutating func letGo(unseenBy readers: Readers) { retirement.letGo(unseenBy: readers) }

  /// All routes; O(1) while nothing changed, else linear in the table, and sorting what changed.
  mutating func currentSnapshot(generation: UInt64) -> RegistrySnapshot {
    if let snapshot, snapshot.generation == generation { return snapshot }
    let entries = snapshot.map { merged(into: $0.entries) } ?? sorted()
    let asOf = Date(timeIntervalSince1970: Double(beginning.tv_sec) + Double(beginning.tv_nsec) / 1e9)
    let made = RegistrySnapshot(generation: generation, asOf: asOf, counts: pools.counts, entries: entries)
    (snapshot, changed) = (made, [])
    return made
  }

  private func sorted() -> [RegistrySnapshot.Entry] {
    var routes: [RegisteredRoute] = []
    routes.reserveCapacity(pools.counts.all)
    pools.forEach { routes.append($0) }
    routes.sort { left, right in
      let (first, second) = (left.id.alias.folded, right.id.alias.folded)
      return first == second ? (left.pool, left.id) < (right.pool, right.id) : first < second
    }
    var alias: String?
    return routes.map { route in
      defer { alias = route.id.alias.folded }
      return RegistrySnapshot.Entry(route, isFirst: alias != route.id.alias.folded)
    }
  }

  /// Takes what did not change from the old entries, run by run.
  private func merged(into old: [RegistrySnapshot.Entry]) -> [RegistrySnapshot.Entry] {
    guard let changed, !changed.isEmpty else { return old }
    var entries: [RegistrySnapshot.Entry] = []
    entries.reserveCapacity(pools.counts.all)
    var rest = old[...]
    for alias in Set(changed).sorted() {
      let start = rest.firstIndex(notBelow: alias)
      entries.append(contentsOf: rest[..<start])
      rest = rest[start...].drop { $0.registered.id.alias.folded == alias }
      let routes = pools.routes(of: alias)
      for route in routes { entries.append(RegistrySnapshot.Entry(route, isFirst: route === routes.first)) }
    }
    entries.append(contentsOf: rest)
    return entries
  }
}
