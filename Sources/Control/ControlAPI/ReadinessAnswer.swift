/// `GET /readyz`: 200 once every provider was loaded and every cluster was read or came from the cache, else 503.
package struct ReadinessAnswer: Codable, Hashable, Sendable {
  package struct Provider: Codable, Hashable, Sendable {
    package var name: String
    package var loaded: Bool
    package var routes: Int
    /// `file:line:column: message`.
    package var problems: [String]

    package init(name: String, loaded: Bool, routes: Int, problems: [String]) {
      (self.name, self.loaded, self.routes, self.problems) = (name, loaded, routes, problems)
    }
  }

  package struct Cluster: Codable, Hashable, Sendable {
    package var name: String
    package var ready: Bool
    /// Whether what is known of it may be outdated.
    package var stale: Bool
    @ExplicitNull package var error: String?

    package init(name: String, ready: Bool, stale: Bool, error: String?) {
      (self.name, self.ready, self.stale) = (name, ready, stale)
      _error = ExplicitNull(wrappedValue: error)
    }
  }

  package var ready: Bool
  package var providers: [Provider]
  package var clusters: [Cluster]
  /// Of no single provider: a pattern that matches nothing, a reload that was refused.
  package var problems: [String]
  /// Those of the problems for which the last reload was refused: while there are any, the files as they stand are not in
  /// force.
  package var refused: [String]

  package init(ready: Bool, providers: [Provider], clusters: [Cluster], problems: [String], refused: [String]) {
    (self.ready, self.providers, self.clusters) = (ready, providers, clusters)
    (self.problems, self.refused) = (problems, refused)
  }
}

/// `GET /livez`: the agent answers, whatever PVE does.
package struct LivenessAnswer: Codable, Hashable, Sendable {
  package var alive = true
  package init() {}
}
