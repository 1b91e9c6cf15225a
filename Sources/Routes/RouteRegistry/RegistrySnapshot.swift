package import FoundationEssentials
package import RouteModel

/// All routes at one generation, ordered by alias, then pool, then provider. Immutable; cheap to copy.
package struct RegistrySnapshot: Sendable {
  /// A route and its key, which is unique among all routes.
  package struct Entry: Sendable {
    package let key: RouteKey
    package let registered: RegisteredRoute

    package var route: Route { registered.route }

    /// The first route of an alias has the alias as its key, the others have qualified keys.
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

  /// In order. O(1); iterating or counting is O(n), and ``counts`` has the number.
  package var entries: FlattenSequence<[[Entry]]> { runs.runs.joined() }

  /// The entries in short runs, for readers that pause between them. O(1).
  package var entryRuns: [[Entry]] { runs.runs }

  init(generation: UInt64, asOf: Date, counts: PoolCounts, runs: EntryRuns) {
    (self.generation, self.asOf, self.counts, self.runs) = (generation, asOf, counts, runs)
  }

  /// The entry with that key; an alias is the key of the first route that has it. O(log n).
  package func entry(_ keyOrAlias: String) -> Entry? {
    let key = HostName.fold(keyOrAlias)
    guard key.utf8.contains(UInt8(ascii: ":")) else { return runs.entries(of: key).first }
    // A qualified key: `pool:provider:alias`, with `#2` and so on for a repeated declaration.
    let alias = key[key.index(after: key.lastIndex(of: ":") ?? key.startIndex)...].prefix { $0 != "#" }
    return runs.entries(of: String(alias)).first { HostName.fold($0.key) == key }
  }

  /// O(log n).
  package func entry(of id: RouteID) -> Entry? {
    runs.entries(of: id.alias.folded).first { $0.registered.id == id }
  }

  /// The entries of the served pools. Lazy: O(1), and O(n) to iterate.
  package var active: some Sequence<Entry> { entries.lazy.filter { $0.registered.pool != .excluded } }

  /// By provider, excluded routes too; providers ordered by name, routes as in `entries`. O(n), and sorting the
  /// providers.
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

/// The number of routes in each pool, all at one generation.
package struct PoolCounts: Hashable, Sendable {
  package internal(set) var http = 0
  package internal(set) var stream = 0
  package internal(set) var excluded = 0

  /// The number in the served pools.
  package var active: Int { http + stream }
  package var all: Int { active + excluded }

  package subscript(pool: RoutePool) -> Int {
    switch pool {
    case .http: http
    case .stream: stream
    case .excluded: excluded
    }
  }
}

/// The numbers of served routes by kind of link, and of those that are down.
package struct LinkCounts: Hashable, Sendable {
  package private(set) var linked = 0
  package private(set) var ambiguous = 0
  package private(set) var unlinked = 0
  /// Unhealthy, or with an error; regardless of the link.
  package private(set) var down = 0

  /// O(n).
  package init(_ snapshot: RegistrySnapshot) {
    for entry in snapshot.active {
      switch entry.route.link {
      case .linked: linked += 1
      case .ambiguous: ambiguous += 1
      case .unlinked: unlinked += 1
      }
      let status = entry.route.health.report.status
      if status == .unhealthy || status == .error { down += 1 }
    }
  }
}
