package import JSONDocument

/// `GET /readyz`: 200 once every provider was loaded, every cluster was read or came from the cache, and the routes are
/// linked with it, else 503.
package struct ReadinessAnswer: Decodable, Hashable, Sendable {
  package struct Provider: Decodable, Hashable, Sendable {
    package var name: String
    package var loaded: Bool
    package var routes: Int
    /// `file:line:column: message`.
    package var problems: [String]

    package init(name: String, loaded: Bool, routes: Int, problems: [String]) {
      (self.name, self.loaded, self.routes, self.problems) = (name, loaded, routes, problems)
    }
  }

  package struct Cluster: Decodable, Hashable, Sendable {
    package var name: String
    package var ready: Bool
    /// Whether the cluster's inventory may be outdated.
    package var stale: Bool
    /// Why it cannot be read, or which rights are missing to see all of it.
    package var error: String?
    /// The numbers of its nodes and guests as far as they are known.
    package var nodes: Int
    package var guests: Int

    package init(name: String, ready: Bool, stale: Bool, error: String?, nodes: Int = 0, guests: Int = 0) {
      (self.name, self.ready, self.stale) = (name, ready, stale)
      (self.error, self.nodes, self.guests) = (error, nodes, guests)
    }

    /// The cluster's error in the form of the list of all problems.
    package var problem: String? { error.map { "cluster \(name): \($0)" } }
  }

  /// The numbers of served routes by their link, and of those that are down.
  package struct Links: Decodable, Hashable, Sendable {
    package var linked: Int
    package var ambiguous: Int
    package var unlinked: Int
    package var down: Int

    package init(linked: Int = 0, ambiguous: Int = 0, unlinked: Int = 0, down: Int = 0) {
      (self.linked, self.ambiguous, self.unlinked, self.down) = (linked, ambiguous, unlinked, down)
    }
  }

  /// A listener that could not be opened; it is tried again.
  package struct Listener: Decodable, Hashable, Sendable {
    /// `proxy.https`, or `route git-ssh`.
    package var name: String
    package var error: String

    package init(name: String, error: String) { (self.name, self.error) = (name, error) }
  }

  package var ready: Bool
  package var providers: [Provider]
  package var clusters: [Cluster]
  package var links: Links
  /// The listeners with errors.
  package var listeners: [Listener]
  /// Problems that do not belong to a single provider: a pattern that matches nothing, a refused reload, a listener
  /// that could not be opened, a cluster's error, a route without a target.
  package var problems: [String]
  /// The problems for which the last reload was refused: if there are any, the current files are not active.
  package var refused: [String]
  /// The keys of settings that were changed in the file and that only a restart applies, such as `state_dir`.
  package var restartNeeded: [String]

  package init(
    ready: Bool, providers: [Provider], clusters: [Cluster], links: Links = Links(), listeners: [Listener] = [],
    problems: [String],
    refused: [String], restartNeeded: [String] = []
  ) {
    (self.ready, self.providers, self.clusters, self.links) = (ready, providers, clusters, links)
    self.listeners = listeners
    (self.problems, self.refused, self.restartNeeded) = (problems, refused, restartNeeded)
  }

  private enum CodingKeys: String, CodingKey {
    case ready, providers, clusters, links, listeners, problems, refused
    case restartNeeded = "restart_needed"
  }

  /// Whether the agent needs no attention: it is ready, and no listener or cluster has a problem.
  package var isSound: Bool { ready && listeners.isEmpty && clusters.allSatisfy { $0.error == nil } }
}

/// `GET /livez`: the agent answers, whatever the state of PVE.
package struct LivenessAnswer: Decodable, Hashable, Sendable {
  package var alive = true
  package init() {}
}

extension ReadinessAnswer.Provider: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.loaded, loaded)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.problems, problems)
    json.field(CodingKeys.routes, routes)
    json.endObject()
  }
}

extension ReadinessAnswer.Cluster: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.error, error)
    json.field(CodingKeys.guests, guests)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.nodes, nodes)
    json.field(CodingKeys.ready, ready)
    json.field(CodingKeys.stale, stale)
    json.endObject()
  }
}

extension ReadinessAnswer.Links: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.ambiguous, ambiguous)
    json.field(CodingKeys.down, down)
    json.field(CodingKeys.linked, linked)
    json.field(CodingKeys.unlinked, unlinked)
    json.endObject()
  }
}

extension ReadinessAnswer.Listener: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.error, error)
    json.field(CodingKeys.name, name)
    json.endObject()
  }
}

extension ReadinessAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.clusters, clusters)
    json.field(CodingKeys.links, links)
    json.field(CodingKeys.listeners, listeners)
    json.field(CodingKeys.problems, problems)
    json.field(CodingKeys.providers, providers)
    json.field(CodingKeys.ready, ready)
    json.field(CodingKeys.refused, refused)
    json.field(CodingKeys.restartNeeded, restartNeeded)
    json.endObject()
  }
}

extension LivenessAnswer: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.alive, alive)
    json.endObject()
  }
}
