import Synchronization

/// The three route pools: every route that the agent knows, by alias and by key. One writer, many readers.
package final class RouteRegistry: Sendable {
  package init() {}

  /// Counts up with every batch of changes.
  package var generation: UInt64 { snapshot.generation }
  /// All pools at one generation.
  package var snapshot: RegistrySnapshot { fatalError("unbuilt") }
}
