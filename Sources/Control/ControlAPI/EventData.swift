package import FoundationEssentials

/// The `data` of an event of `GET /v1/events`; the `event` field determines the case.
package enum EventData: Hashable, Sendable {
  package struct RouteEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var route: Route
    package init(at: Date, route: Route) { (self.at, self.route) = (at, route) }
  }

  package struct LinkEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var key: String
    package var alias: String
    package var before: Link
    package var after: Link
    package init(at: Date, key: String, alias: String, before: Link, after: Link) {
      (self.at, self.key, self.alias, self.before, self.after) = (at, key, alias, before, after)
    }
  }

  package struct HealthEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var key: String
    package var alias: String
    package var before: Health
    package var after: Health
    @ExplicitNull package var cause: String?
    package init(at: Date, key: String, alias: String, before: Health, after: Health, cause: String?) {
      (self.at, self.key, self.alias, self.before, self.after) = (at, key, alias, before, after)
      _cause = ExplicitNull(wrappedValue: cause)
    }
  }

  /// `before` is null for a new guest, `after` for a removed one.
  package struct GuestEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var vmid: Int
    @ExplicitNull package var before: Guest?
    @ExplicitNull package var after: Guest?
    /// Why the guest was removed; null if it was not.
    @ExplicitNull package var reason: String?
    package init(at: Date, cluster: String, vmid: Int, before: Guest?, after: Guest?, reason: String? = nil) {
      (self.at, self.cluster, self.vmid) = (at, cluster, vmid)
      _before = ExplicitNull(wrappedValue: before)
      _after = ExplicitNull(wrappedValue: after)
      _reason = ExplicitNull(wrappedValue: reason)
    }
  }

  package struct NodeEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var name: String
    @ExplicitNull package var before: Node?
    @ExplicitNull package var after: Node?
    /// Why the node was removed; null if it was not.
    @ExplicitNull package var reason: String?
    package init(at: Date, cluster: String, name: String, before: Node?, after: Node?, reason: String? = nil) {
      _reason = ExplicitNull(wrappedValue: reason)
      (self.at, self.cluster, self.name) = (at, cluster, name)
      _before = ExplicitNull(wrappedValue: before)
      _after = ExplicitNull(wrappedValue: after)
    }
  }

  package struct ClusterEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var before: Cluster
    package var after: Cluster
    package init(at: Date, cluster: String, before: Cluster, after: Cluster) {
      (self.at, self.cluster, self.before, self.after) = (at, cluster, before, after)
    }
  }

  package struct ReloadEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var generation: UInt64
    package var routes: Int
    package init(at: Date, generation: UInt64, routes: Int) {
      (self.at, self.generation, self.routes) = (at, generation, routes)
    }
  }

  package struct OverflowEvent: Codable, Hashable, Sendable {
    package var at: Date
    package var message: String
    package init(at: Date, message: String) { (self.at, self.message) = (at, message) }
  }

  case route(RouteEvent)
  case link(LinkEvent)
  case health(HealthEvent)
  case guest(GuestEvent)
  case node(NodeEvent)
  case cluster(ClusterEvent)
  case reload(ReloadEvent)
  case overflow(OverflowEvent)
}

extension EventData: Encodable {
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .route(let event): try event.encode(to: encoder)
    case .link(let event): try event.encode(to: encoder)
    case .health(let event): try event.encode(to: encoder)
    case .guest(let event): try event.encode(to: encoder)
    case .node(let event): try event.encode(to: encoder)
    case .cluster(let event): try event.encode(to: encoder)
    case .reload(let event): try event.encode(to: encoder)
    case .overflow(let event): try event.encode(to: encoder)
    }
  }
}

extension EventData {
  /// Decodes the `data` of an event of that name; nil for a name that this version does not know.
  package init?(event: String, data: [UInt8]) throws {
    switch event {
    case "route.added", "route.removed", "route.changed":
      self = .route(try WireFormat.decode(RouteEvent.self, from: data))
    case "link.changed": self = .link(try WireFormat.decode(LinkEvent.self, from: data))
    case "health.changed": self = .health(try WireFormat.decode(HealthEvent.self, from: data))
    case "guest.changed": self = .guest(try WireFormat.decode(GuestEvent.self, from: data))
    case "node.changed": self = .node(try WireFormat.decode(NodeEvent.self, from: data))
    case "cluster.changed": self = .cluster(try WireFormat.decode(ClusterEvent.self, from: data))
    case "reload": self = .reload(try WireFormat.decode(ReloadEvent.self, from: data))
    case "overflow": self = .overflow(try WireFormat.decode(OverflowEvent.self, from: data))
    default: return nil
    }
  }
}
