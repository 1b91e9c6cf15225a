import Glibc
package import RouteModel

/// The routes that an entry reports: those that match a pattern of each list; an empty list matches all.
package struct RouteSelection: Hashable, Sendable {
  /// Shell patterns for aliases, case-insensitive.
  package var routes: [String]
  /// Shell patterns for providers, such as `file:routes`.
  package var providers: [String]

  package init(routes: [String] = [], providers: [String] = []) {
    (self.routes, self.providers) = (routes.map(HostName.fold), providers)
  }

  func contains(_ id: RouteID) -> Bool {
    Self.isMet(routes, by: id.alias.folded) && Self.isMet(providers, by: id.provider.text)
  }

  /// The patterns that match none of these routes.
  package func patternsWithoutRoute(among ids: [RouteID]) -> [String] {
    routes.filter { pattern in !ids.contains { Self.isMet([pattern], by: $0.alias.folded) } }
      + providers.filter { pattern in !ids.contains { Self.isMet([pattern], by: $0.provider.text) } }
  }

  private static func isMet(_ patterns: [String], by text: String) -> Bool {
    patterns.isEmpty || patterns.contains { fnmatch($0, text, 0) == 0 }
  }
}
