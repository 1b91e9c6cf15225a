package import RouteModel

/// The current routes of all providers, in provider order (the earlier one gets an alias).
package struct ProvidedRoutes: Hashable, Sendable {
  package struct Provider: Hashable, Sendable {
    package var name: ProviderName
    /// The path of the file for messages, relative to the configuration file.
    package var file: String
    /// In file order; invalid ones carry their problems.
    package var routes: [RouteDeclaration]
    /// All problems of the file, including those of single routes.
    package var problems: [Problem]
    /// False if the file could not be read or parsed; it then has no routes.
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
  /// Problems of the patterns themselves: a pattern that matches nothing.
  package var problems: [Problem]

  package init(providers: [Provider] = [], problems: [Problem] = []) {
    (self.providers, self.problems) = (providers, problems)
  }

  package var allProblems: [Problem] { problems + providers.flatMap(\.problems) }
  package var errors: [Problem] { allProblems.filter { $0.severity == .error } }
}
