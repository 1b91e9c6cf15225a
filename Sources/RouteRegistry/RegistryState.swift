import FoundationEssentials
import RouteModel

/// The writer's side of the registry, behind its lock.
struct RegistryState: Sendable {
  private(set) var table = AliasTable()
  private(set) var counts = PoolCounts()
  private(set) var asOf: Date
  private var retirement = Retirement()
  private var snapshot: RegistrySnapshot?
  /// Aliases, folded, that changed since the snapshot; nil without one.
  private var changed: [String]?

  init(asOf: Date) { self.asOf = asOf }

  /// Gives the table room for a revision; tells whether it is another table now, which nobody reads yet.
  mutating func makeRoom(for revision: Revision) -> Bool {
    let more = revision.newAliases
    guard !table.hasRoom(for: more) else { return false }
    retirement.retire(table)
    table = table.grown(by: more)
    return true
  }

  /// Puts a sealed revision into the table; readers may still look at what it takes out.
  mutating func publish(_ revision: Revision) {
    for draft in revision.drafts {
      retirement.retire(draft.entry.map { table.put($0) } ?? table.remove(draft.key, draft.holders.folded))
    }
  }

  mutating func note(_ revision: Revision) {
    for draft in revision.drafts {
      counts.add(draft.holders)
      if let before = draft.before { counts.add(before.holders, times: -1) }
      changed?.append(draft.holders.folded)
    }
    // More changes than aliases: making the snapshot from nothing is cheaper.
    if let changed, changed.count > table.count { (snapshot, self.changed) = (nil, nil) }
  }

  var ids: [RouteID] {
    var ids: [RouteID] = []
    table.forEach { $0.holders.forEach { ids.append($0.id) } }
    return ids
  }

  mutating func advance(now: Date) { asOf = now }

  mutating func letGo(unseenBy readers: Readers) { retirement.letGo(unseenBy: readers) }

  /// All routes; O(1) while nothing changed, else linear in the table, and sorting what changed.
  mutating func currentSnapshot(generation: UInt64) -> RegistrySnapshot {
    if let snapshot, snapshot.generation == generation { return snapshot }
    let entries = snapshot.map { merged(into: $0.entries) } ?? sorted()
    let made = RegistrySnapshot(generation: generation, asOf: asOf, counts: counts, entries: entries)
    (snapshot, changed) = (made, [])
    return made
  }

  private func sorted() -> [RegistrySnapshot.Entry] {
    var aliases: [AliasEntry] = []
    aliases.reserveCapacity(table.count)
    table.forEach { aliases.append($0) }
    aliases.sort { $0.folded < $1.folded }
    var entries: [RegistrySnapshot.Entry] = []
    entries.reserveCapacity(counts.all)
    for alias in aliases { alias.holders.forEach { entries.append(RegistrySnapshot.Entry($0, of: alias.holders)) } }
    return entries
  }

  /// Takes what did not change from the old entries, run by run.
  private func merged(into old: [RegistrySnapshot.Entry]) -> [RegistrySnapshot.Entry] {
    guard let changed, !changed.isEmpty else { return old }
    var entries: [RegistrySnapshot.Entry] = []
    entries.reserveCapacity(counts.all)
    var rest = old[...]
    for alias in Set(changed).sorted() {
      let start = rest.firstIndex(notBelow: alias)
      entries.append(contentsOf: rest[..<start])
      rest = rest[start...].drop { $0.registered.id.alias.folded == alias }
      let holders = table.entry(AliasKey(alias), alias)?.holders ?? AliasHolders(alias)
      holders.forEach { entries.append(RegistrySnapshot.Entry($0, of: holders)) }
    }
    entries.append(contentsOf: rest)
    return entries
  }
}
