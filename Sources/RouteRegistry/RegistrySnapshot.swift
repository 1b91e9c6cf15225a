package import FoundationEssentials
package import RouteModel

/// All routes at one generation, ordered by alias, then pool, then provider. Immutable; cheap to copy.
package struct RegistrySnapshot: Sendable {
  package struct Entry: Sendable {
    package var key: RouteKey
    package var route: Route
    package init(key: RouteKey, route: Route) { (self.key, self.route) = (key, route) }
  }

  package let generation: UInt64
  /// When this generation began.
  package let asOf: Date
  package let entries: [Entry]
  private let positions: [String: Int]
  private let keys: [RouteID: RouteKey]

  /// Orders the routes and gives each its key: the first of an alias has the alias, the others their qualified keys.
  package init(generation: UInt64, asOf: Date, routes: [Route]) {
    let ordered = Self.ordered(routes)
    var entries: [Entry] = []
    var positions: [String: Int] = [:]
    var keys: [RouteID: RouteKey] = [:]
    entries.reserveCapacity(ordered.count)
    for route in ordered {
      let key = positions[route.alias.folded] == nil ? route.alias.text : route.qualifiedKey
      positions[HostName.fold(key)] = entries.count
      keys[route.id] = key
      entries.append(Entry(key: key, route: route))
    }
    (self.generation, self.asOf, self.entries, self.positions) = (generation, asOf, entries, positions)
    self.keys = keys
  }

  /// Sorts small keys in place of the routes themselves, which are large to move and to compare.
  private static func ordered(_ routes: [Route]) -> [Route] {
    var order = routes.indices.map { (alias: routes[$0].alias.folded, position: $0) }
    order.sort { left, right in
      if left.alias != right.alias { return left.alias < right.alias }
      let (left, right) = (routes[left.position], routes[right.position])
      return (left.pool, left.id) < (right.pool, right.id)
    }
    return order.map { routes[$0.position] }
  }

  /// The entry of that key; an alias is the key of the first route that has it. O(1).
  package func entry(_ keyOrAlias: String) -> Entry? {
    positions[HostName.fold(keyOrAlias)].map { entries[$0] }
  }

  /// O(1).
  package func key(of id: RouteID) -> RouteKey? { keys[id] }

  /// Every pool, excluded routes too; providers ordered by name, routes as in `entries`.
  package var byProvider: [(provider: ProviderName, entries: [Entry])] {
    Dictionary(grouping: entries, by: \.route.provider).sorted { $0.key < $1.key }
      .map { (provider: $0.key, entries: $0.value) }
  }

  /// The health of every route at this moment, by key.
  package var healthInfo: [(key: RouteKey, report: HealthReport)] {
    entries.map { (key: $0.key, report: $0.route.health.report) }
  }
}
