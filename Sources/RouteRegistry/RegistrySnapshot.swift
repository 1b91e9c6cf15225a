package import FoundationEssentials
package import RouteModel

/// All routes at one generation, ordered by alias, then pool, then provider.
package struct RegistrySnapshot: Sendable {
  package struct Entry: Sendable {
    package var key: RouteKey
    package var route: Route
    package init(key: RouteKey, route: Route) { (self.key, self.route) = (key, route) }
  }

  package var generation: UInt64
  package var asOf: Date
  package var entries: [Entry]

  package init(generation: UInt64, asOf: Date, entries: [Entry]) {
    (self.generation, self.asOf, self.entries) = (generation, asOf, entries)
  }

  /// By key, or by alias where no key is that text.
  package func entry(_ keyOrAlias: String) -> Entry? { fatalError("unbuilt") }
  /// Entries by provider, every pool included; providers ordered by name.
  package var byProvider: [(provider: ProviderName, entries: [Entry])] { fatalError("unbuilt") }
}
