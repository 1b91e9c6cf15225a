package import RouteModel

/// What all route providers contribute at one moment, in provider order (earlier wins an alias).
package struct ProvidedRoutes: Hashable, Sendable {
  package struct Provider: Hashable, Sendable {
    package var name: ProviderName
    /// The file, as a person would name it (relative to the agent's file).
    package var file: String
    /// In the order of the file; bad ones carry their problems.
    package var routes: [RouteDeclaration]
    /// Every problem of the file, those of single routes included.
    package var problems: [Problem]
    /// False where the file could not be read or parsed: it then contributes nothing.
    package var isLoaded: Bool

    package init(
      name: ProviderName, file: String, routes: [RouteDeclaration], problems: [Problem], isLoaded: Bool
    ) {
      self.name = name
      self.file = file
      self.routes = routes
      self.problems = problems
      self.isLoaded = isLoaded
    }
  }

  package var providers: [Provider]
  /// Of the patterns themselves: a pattern that matches nothing.
  package var problems: [Problem]

  package init(providers: [Provider] = [], problems: [Problem] = []) {
    (self.providers, self.problems) = (providers, problems)
  }

  package var allProblems: [Problem] { problems + providers.flatMap(\.problems) }
  package var errors: [Problem] { allProblems.filter { $0.severity == .error } }
}
