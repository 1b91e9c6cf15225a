import ProxmoxInventory
import RouteModel
import RouteValidation

/// Links declared routes with the inventory. Pure: each change returns what has to be done.
struct ReconciliationState {
  /// The consequences of a change of routes or inventory.
  struct Outcome {
    /// New or changed routes to register.
    var routes: [Route] = []
    var removed: [RouteID] = []
    var races: [(id: RouteID, candidates: [Upstream])] = []
  }

  private(set) var inventory = InventorySnapshot.empty
  private var settings = RouteSettings()
  private var archive = LinkArchive()
  /// The names in ``guestNames`` that the resolver reports as missing.
  private(set) var missingNames: Set<String> = []
  private var routes: [RouteID: ReconciledRoute] = [:]
  private var order: [RouteID] = []
  private var routesByKey: [LinkKey: Set<RouteID>] = [:]
  private var linked = LinkedRoutes()

  /// All routes of all pools, for the monitor.
  var current: [ReconciledRoute] { order.compactMap { routes[$0] } }

  subscript(id: RouteID) -> ReconciledRoute? { routes[id] }

  /// Restores the links from before a restart.
  mutating func restore(_ links: [SavedLink]) { archive = LinkArchive(links) }

  /// The links to save across a restart, sorted by the routes' names.
  var savedLinks: [SavedLink] {
    (routes.values.compactMap(SavedLink.init) + archive.saved).sorted {
      ($0.provider, $0.alias, $0.ordinal) < ($1.provider, $1.alias, $1.ordinal)
    }
  }

  /// Replaces the declarations; unchanged routes are not touched.
  mutating func replace(routes declared: DeclaredRoutes, defaults: HealthCheck) -> Outcome {
    let old = routes
    let former = settings
    settings = declared.settings
    routes = [:]
    routesByKey = [:]
    linked.clear()
    order = declared.routes.map(\.id)
    var outcome = Outcome()
    var touched: [RouteID] = []
    for item in declared.routes {
      let check = defaults.overridden(by: item.declaration.healthCheck)
      if let before = old[item.id] {
        routes[item.id] = ReconciledRoute(item, healthCheck: check, continuing: before)
        // A route that only moved within its file has not changed.
        if let decision = before.validated, before.declaration.isSame(as: item.declaration),
          before.conflict == item.conflict, before.healthCheck == check,
          !decision.link.isAffected(byReplacing: former, with: settings)
        {
          _ = routes[item.id]?.apply(decision)
          linked.replace(nil, with: decision.link, of: item.id)
        } else {
          touched.append(item.id)
        }
      } else {
        let cell = HealthCell(.unknown("not checked yet"))
        let previous = archive.remove(item.id, host: item.declaration.host)
        routes[item.id] = ReconciledRoute(item, healthCheck: check, cell: cell, previous: previous)
        touched.append(item.id)
      }
      for key in LinkKey.keys(of: item.declaration) { routesByKey[key, default: []].insert(item.id) }
    }
    archive.removeAll(except: { !declared.isRead($0) })
    outcome.removed = old.keys.filter { routes[$0] == nil }.sorted()
    validate(touched, into: &outcome)
    return outcome
  }

  /// Applies a new inventory and decides again on the routes that its changes affect.
  mutating func replace(inventory new: InventorySnapshot, changes: InventoryChanges) -> Outcome {
    inventory = new
    var outcome = Outcome()
    guard !changes.isEmpty else { return outcome }
    validate(touched(by: changes).sorted(), into: &outcome)
    return outcome
  }

  /// The hosts of routes that are full names of the linked guests: if such a name does not exist, the guest's address
  /// is used.
  var guestNames: Set<String> {
    Set(routes.values.compactMap { route in route.link.flatMap { route.declaration.guestName($0) } })
  }

  mutating func replace(missingNames new: Set<String>) -> Outcome {
    let changed = new.symmetricDifference(missingNames)
    missingNames = new
    var outcome = Outcome()
    guard !changed.isEmpty else { return outcome }
    let touched = routes.values.filter { route in
      route.link.flatMap { route.declaration.guestName($0) }.map(changed.contains) ?? false
    }
    validate(touched.map(\.id).sorted(), into: &outcome)
    return outcome
  }

  mutating func settle(_ id: RouteID, candidates: [Upstream], winner: Upstream?) -> Outcome {
    let before = routes[id]?.route
    routes[id]?.settle(candidates, winner: winner)
    var outcome = Outcome()
    if let after = routes[id]?.route, before?.target != after.target { outcome.routes = [after] }
    return outcome
  }

  mutating func raceAgain(_ id: RouteID) -> Outcome {
    var outcome = Outcome()
    if let candidates = routes[id]?.raceAgain() { outcome.races = [(id, candidates)] }
    return outcome
  }

  /// Guests that routes link to or may link to.
  var wantedGuests: Set<GuestID> { linked.wanted }
  /// Counts the changes of ``wantedGuests``.
  var wantedRevision: Int { linked.wantedRevision }

  func steps(of id: RouteID) -> [LinkStep] {
    guard let route = routes[id] else { return [] }
    return validator.steps(of: route.declaration, previous: route.previous, conflict: route.conflict)
  }

  private var validator: RouteValidator {
    RouteValidator(
      inventory: inventory, defaultHost: settings.defaultHost, clusterTrust: settings.clusterTrust,
      missingNames: missingNames)
  }

  private mutating func validate(_ ids: [RouteID], into outcome: inout Outcome) {
    let validator = validator
    for id in ids {
      guard let index = routes.index(forKey: id) else { continue }
      let change = routes.values[index].validate(by: validator)
      linked.replace(change.formerLink, with: change.link, of: id)
      if let candidates = change.candidates { outcome.races.append((id, candidates)) }
      if let route = change.route { outcome.routes.append(route) }
    }
  }

  /// Routes that share a key with a change, are linked to a changed resource, or wait for the inventory to be complete.
  private func touched(by changes: InventoryChanges) -> Set<RouteID> {
    var touched: Set<RouteID> = []
    func touch(_ keys: Set<LinkKey>) {
      for key in keys { routesByKey[key].map { touched.formUnion($0) } }
    }
    for change in changes.nodes { touch(LinkKey.keys(of: change)) }
    for change in changes.guests { touch(LinkKey.keys(of: change)) }
    // A node that goes offline or comes back decides whether its guests count as running; the guests themselves do not
    // change.
    let flipped = Set(
      changes.nodes.filter { ($0.before?.status == .offline) != ($0.after?.status == .offline) }.map(\.id))
    for cluster in inventory.clusters where !flipped.isEmpty {
      for guest in cluster.guests where flipped.contains(NodeID(cluster: cluster.name, name: guest.node)) {
        touch(LinkKey.keys(of: .init(id: guest.id, before: guest, after: guest)))
      }
    }
    for guest in changes.guests { touched.formUnion(linked.routes(of: guest.id)) }
    if !changes.nodes.isEmpty { touched.formUnion(routes(linkedTo: Set(changes.nodes.map(\.id)))) }
    touched.formUnion(unresolvedRoutes(touchedBy: changes))
    return touched
  }

  /// The routes linked to nodes, or to guests on them. O(n): nodes seldom change.
  private func routes(linkedTo nodes: Set<NodeID>) -> [RouteID] {
    routes.values.filter { $0.link?.resource.map { nodes.contains($0.node) } ?? false }.map(\.id)
  }

  private func unresolvedRoutes(touchedBy changes: InventoryChanges) -> [RouteID] {
    let namesChanged = changes.changeNames
    guard !changes.nodes.isEmpty || changes.completenessChanged || namesChanged else { return [] }
    return linked.unresolved.filter { id in
      switch routes[id]?.link {
      case .ambiguous: !changes.nodes.isEmpty
      // The reason contains the most similar names.
      case .unlinked: changes.completenessChanged || namesChanged && routes[id]?.declaration.host == nil
      case .linked, nil: false
      }
    }
  }
}

extension ProxmoxLink {
  /// Whether a route with this link may get another target or trust.
  fileprivate func isAffected(byReplacing former: RouteSettings, with new: RouteSettings) -> Bool {
    switch self {
    case .linked(let resource):
      resource.guest == nil && former.clusterTrust[resource.cluster] != new.clusterTrust[resource.cluster]
    case .unlinked: former.defaultHost != new.defaultHost
    case .ambiguous: false
    }
  }
}

extension InventoryChanges {
  /// Whether a node or guest was added, removed or renamed.
  fileprivate var changeNames: Bool {
    nodes.contains { $0.before == nil || $0.after == nil } || guests.contains { $0.before?.name != $0.after?.name }
  }
}
