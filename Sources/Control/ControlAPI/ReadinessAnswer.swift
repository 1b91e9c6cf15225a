/// `GET /readyz`: 200 once every provider was loaded and every cluster was read or restored from the cache, else 503.
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
    /// Whether the cluster's inventory may be outdated.
    package var stale: Bool
    @ExplicitNull package var error: String?

    package init(name: String, ready: Bool, stale: Bool, error: String?) {
      (self.name, self.ready, self.stale) = (name, ready, stale)
      _error = ExplicitNull(wrappedValue: error)
    }

    /// The cluster's error in the form of the list of all problems.
    package var problem: String? { error.map { "cluster \(name): \($0)" } }
  }

  /// A listener that could not be opened; it is retried.
  package struct Listener: Codable, Hashable, Sendable {
    /// `proxy.https`, or `route git-ssh`.
    package var name: String
    package var error: String

    package init(name: String, error: String) { (self.name, self.error) = (name, error) }
  }

  package var ready: Bool
  package var providers: [Provider]
  package var clusters: [Cluster]
  /// The listeners with errors.
  package var listeners: [Listener]
  /// Problems that do not belong to a single provider: a pattern that matches nothing, a refused reload, a listener
  /// that could not be opened, a cluster's error, a route without a target.
  package var problems: [String]
  /// The problems for which the last reload was refused: if there are any, the current files are not active.
  package var refused: [String]

  package init(
    ready: Bool, providers: [Provider], clusters: [Cluster], listeners: [Listener] = [], problems: [String],
    refused: [String]
  ) {
    (self.ready, self.providers, self.clusters, self.listeners) = (ready, providers, clusters, listeners)
    (self.problems, self.refused) = (problems, refused)
  }

  /// Whether the agent needs no attention: it is ready, and no listener or cluster has a problem.
  package var isSound: Bool { ready && listeners.isEmpty && clusters.allSatisfy { $0.error == nil } }
}

/// `GET /livez`: the agent answers, regardless of the state of PVE.
package struct LivenessAnswer: Codable, Hashable, Sendable {
  package var alive = true
  package init() {}
}
