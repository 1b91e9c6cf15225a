package import FoundationEssentials
package import RouteModel

/// All routes at one generation, ordered by alias, then pool, then provider. Immutable; cheap to copy.
package struct RegistrySnapshot: Sendable {
  /// A route and the key that names it among all.
  package struct Entry: Sendable {
    package let key: RouteKey
    package let registered: RegisteredRoute

    package var route: Route { registered.route }

    /// The first route of an alias has the alias as its key, the others their qualified keys.
    init(_ registered: RegisteredRoute, isFirst: Bool) {
      key = isFirst ? registered.id.alias.text : registered.route.qualifiedKey
      self.registered = registered
    }
  }

  package let generation: UInt64
  /// When this generation began.
  package let asOf: Date
  package let counts: PoolCounts
  let runs: EntryRuns

  /// In order. O(1), and O(n) to look at all or to count: ``counts`` knows how many there are.
  package var entries: FlattenSequence<[[Entry]]> { runs.runs.joined() }

  /// The same in short runs, for readers that pause between them. O(1).
  package var entryRuns: [[Entry]] { runs.runs }

  init(generation: UInt64, asOf: Date, counts: PoolCounts, runs: EntryRuns) {
    (self.generation, self.asOf, self.counts, self.runs) = (generation, asOf, counts, runs)
  }

  /// The entry of that key; an alias is the key of the first route that has it. O(log n).
  package func entry(_ keyOrAlias: String) -> Entry? {
    let key = HostName.fold(keyOrAlias)
    guard key.utf8.contains(UInt8(ascii: ":")) else { return runs.entries(of: key).first }
    // A qualified key: `pool:provider:alias`, with `#2` and so on for one that is declared again.
    let alias = key[key.index(after: key.lastIndex(of: ":") ?? key.startIndex)...].prefix { $0 != "#" }
    return runs.entries(of: String(alias)).first { HostName.fold($0.key) == key }
  }

  /// O(log n).
  package func entry(of id: RouteID) -> Entry? {
    runs.entries(of: id.alias.folded).first { $0.registered.id == id }
  }

  /// Of the pools that are served. Lazy: O(1), and O(n) to look at all.
  package var active: some Sequence<Entry> { entries.lazy.filter { $0.registered.pool != .excluded } }

  /// Every pool, excluded routes too; providers ordered by name, routes as in `entries`. O(n), and sorting the providers.
  package var byProvider: [(provider: ProviderName, entries: [Entry])] {
    var positions: [ProviderName: Int] = [:]
    var groups: [(provider: ProviderName, entries: [Entry])] = []
    for entry in entries {
      let provider = entry.registered.id.provider
      let position = positions[provider] ?? groups.count
      if position == groups.count {
        positions[provider] = position
        groups.append((provider, []))
      }
      groups[position].entries.append(entry)
    }
    return groups.sorted { $0.provider < $1.provider }
  }
}
