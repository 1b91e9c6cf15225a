package import FoundationEssentials
package import JSONDocument

/// The `data` of an event of `GET /v1/events`; the `event` field determines the case.
package enum EventData: Hashable, Sendable {
  package struct RouteEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var route: RouteJSON
    package init(at: Date, route: RouteJSON) { (self.at, self.route) = (at, route) }
  }

  package struct LinkEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var key: String
    package var alias: String
    package var before: LinkJSON
    package var after: LinkJSON
    package init(at: Date, key: String, alias: String, before: LinkJSON, after: LinkJSON) {
      (self.at, self.key, self.alias, self.before, self.after) = (at, key, alias, before, after)
    }
  }

  package struct HealthEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var key: String
    package var alias: String
    package var before: HealthJSON
    package var after: HealthJSON
    package var cause: String?
    package init(at: Date, key: String, alias: String, before: HealthJSON, after: HealthJSON, cause: String?) {
      (self.at, self.key, self.alias, self.before, self.after) = (at, key, alias, before, after)
      self.cause = cause
    }
  }

  /// `before` is null if it was added, `after` if it was removed.
  package struct GuestEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var vmid: Int
    package var before: GuestJSON?
    package var after: GuestJSON?
    /// Why it was removed; else null.
    package var reason: String?
    package init(at: Date, cluster: String, vmid: Int, before: GuestJSON?, after: GuestJSON?, reason: String? = nil) {
      (self.at, self.cluster, self.vmid) = (at, cluster, vmid)
      self.before = before
      self.after = after
      self.reason = reason
    }
  }

  package struct NodeEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var name: String
    package var before: NodeJSON?
    package var after: NodeJSON?
    /// Why it was removed; else null.
    package var reason: String?
    package init(at: Date, cluster: String, name: String, before: NodeJSON?, after: NodeJSON?, reason: String? = nil) {
      self.reason = reason
      (self.at, self.cluster, self.name) = (at, cluster, name)
      self.before = before
      self.after = after
    }
  }

  package struct ClusterEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var before: ClusterJSON
    package var after: ClusterJSON
    package init(at: Date, cluster: String, before: ClusterJSON, after: ClusterJSON) {
      (self.at, self.cluster, self.before, self.after) = (at, cluster, before, after)
    }
  }

  package struct ControlEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var cluster: String
    package var vmid: Int
    package var control: ControlJSON
    package init(at: Date, cluster: String, vmid: Int, control: ControlJSON) {
      (self.at, self.cluster, self.vmid, self.control) = (at, cluster, vmid, control)
    }
  }

  package struct ReloadEvent: Decodable, Hashable, Sendable {
    package var at: Date
    package var generation: UInt64
    package var routes: Int
    package init(at: Date, generation: UInt64, routes: Int) {
      (self.at, self.generation, self.routes) = (at, generation, routes)
    }
  }

  package struct OverflowEvent: Decodable, Hashable, Sendable {
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
  case control(ControlEvent)
  case reload(ReloadEvent)
  case overflow(OverflowEvent)
}

extension EventData: JSONWritable {
  package func write(to json: inout JSONWriter) {
    switch self {
    case .route(let event): event.write(to: &json)
    case .link(let event): event.write(to: &json)
    case .health(let event): event.write(to: &json)
    case .guest(let event): event.write(to: &json)
    case .node(let event): event.write(to: &json)
    case .cluster(let event): event.write(to: &json)
    case .control(let event): event.write(to: &json)
    case .reload(let event): event.write(to: &json)
    case .overflow(let event): event.write(to: &json)
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
    case "control.changed": self = .control(try WireFormat.decode(ControlEvent.self, from: data))
    case "reload": self = .reload(try WireFormat.decode(ReloadEvent.self, from: data))
    case "overflow": self = .overflow(try WireFormat.decode(OverflowEvent.self, from: data))
    default: return nil
    }
  }
}

extension EventData.RouteEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.route, route)
    json.endObject()
  }
}

extension EventData.LinkEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.after, after)
    json.field(CodingKeys.alias, alias)
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.before, before)
    json.field(CodingKeys.key, key)
    json.endObject()
  }
}

extension EventData.HealthEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.after, after)
    json.field(CodingKeys.alias, alias)
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.before, before)
    json.field(CodingKeys.cause, cause)
    json.field(CodingKeys.key, key)
    json.endObject()
  }
}

extension EventData.GuestEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.after, after)
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.before, before)
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.reason, reason)
    json.field(CodingKeys.vmid, vmid)
    json.endObject()
  }
}

extension EventData.NodeEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.after, after)
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.before, before)
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.name, name)
    json.field(CodingKeys.reason, reason)
    json.endObject()
  }
}

extension EventData.ClusterEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.after, after)
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.before, before)
    json.field(CodingKeys.cluster, cluster)
    json.endObject()
  }
}

extension EventData.ControlEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.cluster, cluster)
    json.field(CodingKeys.control, control)
    json.field(CodingKeys.vmid, vmid)
    json.endObject()
  }
}

extension EventData.ReloadEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.generation, generation)
    json.field(CodingKeys.routes, routes)
    json.endObject()
  }
}

extension EventData.OverflowEvent: JSONWritable {
  package func write(to json: inout JSONWriter) {
    json.beginObject()
    json.field(CodingKeys.at, at)
    json.field(CodingKeys.message, message)
    json.endObject()
  }
}
