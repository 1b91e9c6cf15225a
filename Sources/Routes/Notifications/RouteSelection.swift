import Glibc
import RouteModel

/// Which routes an entry tells of: those that meet a pattern of each list; an empty list is met by all.
package struct RouteSelection: Hashable, Sendable {
  /// Shell patterns over aliases, in any case.
  package var routes: [String]
  /// Shell patterns over providers, such as `file:routes`.
  package var providers: [String]

  package init(routes: [String] = [], providers: [String] = []) {
    (self.routes, self.providers) = (routes.map(HostName.fold), providers)
  }

  func contains(_ id: RouteID) -> Bool {
    Self.isMet(routes, by: id.alias.folded) && Self.isMet(providers, by: id.provider.text)
  }

  private static func isMet(_ patterns: [String], by text: String) -> Bool {
    patterns.isEmpty || patterns.contains { fnmatch($0, text, 0) == 0 }
  }
}
