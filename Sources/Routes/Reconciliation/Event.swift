package import FoundationEssentials
package import GuestControl
package import ProxmoxInventory
package import RouteModel
package import RouteRegistry

/// An event as reported by `/v1/events`.
package struct Event: Sendable {
  /// The raw values are those of the socket's API.
  package enum Kind: String, Sendable, CaseIterable {
    case routeAdded = "route.added"
    case routeRemoved = "route.removed"
    case routeChanged = "route.changed"
    case linkChanged = "link.changed"
    case healthChanged = "health.changed"
    case guestChanged = "guest.changed"
    case nodeChanged = "node.changed"
    case clusterChanged = "cluster.changed"
    case controlChanged = "control.changed"
    case reload
    case overflow
  }

  /// Indirect, because the ring keeps thousands of payloads, most of which are much smaller than the largest.
  package indirect enum Payload: Sendable {
    case route(ReportedRoute, isNew: Bool)
    case routeRemoved(ReportedRoute)
    case link(ReportedRoute, before: ProxmoxLink)
    case health(key: RouteKey, alias: RouteAlias, before: HealthReport, after: HealthReport)
    case guest(InventoryChanges.GuestChange)
    case node(InventoryChanges.NodeChange)
    case cluster(InventoryChanges.ClusterChange)
    case control(ControlReport)
    case reload(generation: UInt64, routes: Int)
    /// Earlier events are not available: the state must be read again.
    case overflow
  }

  /// Increases, also across restarts.
  package var id: UInt64
  package var at: Date
  package var payload: Payload

  package init(id: UInt64, at: Date, payload: Payload) {
    (self.id, self.at, self.payload) = (id, at, payload)
  }

  package var kind: Kind {
    switch payload {
    case .route(_, let isNew): isNew ? .routeAdded : .routeChanged
    case .routeRemoved: .routeRemoved
    case .link: .linkChanged
    case .health: .healthChanged
    case .guest: .guestChanged
    case .node: .nodeChanged
    case .cluster: .clusterChanged
    case .control: .controlChanged
    case .reload: .reload
    case .overflow: .overflow
    }
  }
}

/// A route as an event reports it: with the health that it had then, so that a later reader gets the same values.
package struct ReportedRoute: Sendable {
  package let key: RouteKey
  package let health: HealthReport
  private let registered: RegisteredRoute

  package init(_ entry: RegistrySnapshot.Entry) {
    (key, registered) = (entry.key, entry.registered)
    health = entry.registered.route.health.report
  }

  package var route: Route { registered.route }
}
