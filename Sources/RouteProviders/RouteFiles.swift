package import RouteModel

/// `providers.files`: paths and globs, relative to the folder of the agent's file.
package struct RouteFiles: Hashable, Sendable {
  package var patterns: [String]
  package var baseDirectory: String
  /// Where the patterns stand in the agent's file, one each: for messages.
  package var locations: [SourceLocation]

  package init(patterns: [String], baseDirectory: String, locations: [SourceLocation]) {
    (self.patterns, self.baseDirectory, self.locations) = (patterns, baseDirectory, locations)
  }

  /// Reads and parses every file; never throws: what is wrong is in the problems. `environment` fills `${NAME}`.
  package func load(environment: [String: String]) -> ProvidedRoutes { fatalError("unbuilt") }

  /// What changes whenever a file is edited, replaced, added or removed: paths, inodes, sizes, modification times.
  package func fingerprint() -> [String] { fatalError("unbuilt") }
}
