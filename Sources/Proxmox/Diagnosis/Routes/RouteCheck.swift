package import RouteModel

/// Judges how the routes are linked and served.
package struct RouteCheck {
  private static let topic = "route"

  private let routes: [RouteObservation]

  /// - Parameter routes: all declared ones. Excluded ones are not judged: their files say why they are.
  package init(_ routes: [RouteObservation]) { self.routes = routes.filter { $0.route.pool != .excluded } }

  package var checks: [Finding] {
    routes.isEmpty ? [] : [summary] + routes.flatMap(faults) + pending
  }

  private var summary: Finding {
    let linked = routes.compactMap { observation in
      observation.route.link.resource.map { "\(observation.route.alias) to \($0.summary)" }
    }
    let text = "\(linked.count) of \(Wording.count(routes.count, "route")) linked"
    return .ok("routes", linked.isEmpty ? text : "\(text): \(Wording.list(linked))")
  }

  /// At most one finding about the port, and one about the way to the target.
  private func faults(_ observation: RouteObservation) -> [Finding] {
    [listening(observation), target(observation)].compactMap(\.self)
  }

  private func listening(_ observation: RouteObservation) -> Finding? {
    guard let fault = observation.listenFault, let address = observation.listen else { return nil }
    return finding(
      observation, .problem, "cannot listen on \(address): \(fault)", wanted: "a port that nothing else uses")
  }

  private func target(_ observation: RouteObservation) -> Finding? {
    let route = observation.route
    if let fault = observation.nameFault {
      return finding(
        observation, .problem, "its host '\(route.target?.host ?? "")' does not resolve: \(fault)",
        wanted: "a name that this machine resolves, or an address")
    }
    return switch route.link {
    case .linked(let resource): linked(observation, resource)
    case .ambiguous(_, let reason): ambiguous(observation, reason)
    case .unlinked(let reason): unlinked(observation, reason)
    }
  }

  private func linked(_ observation: RouteObservation, _ resource: LinkedResource) -> Finding? {
    if observation.isNodeOffline {
      return finding(observation, .problem, "\(resource.summary): the node is offline", wanted: "a node that is online")
    }
    if let status = resource.identity.guestStatus, status == .stopped {
      return observation.startsOnRequest ? nil : stopped(observation, resource)
    }
    guard observation.route.target != nil else {
      return finding(
        observation, .problem, observation.route.noTargetReason ?? "it has no target",
        wanted: "an address of \(resource.summary), or host: in the route")
    }
    return unhealthy(observation)
  }

  private func stopped(_ observation: RouteObservation, _ resource: LinkedResource) -> Finding {
    guard case .guest(let id, let node, _, let type, _) = resource.identity else {
      return unhealthy(observation) ?? summary
    }
    let tool = type == .lxc ? "pct" : "qm"
    return finding(
      observation, .warning, "\(resource.summary) is stopped", wanted: "a guest that runs",
      remedies: [Remedy("on \(node), as root, start it", ["\(tool) start \(id.vmid)"])])
  }

  /// The route is served all the same if it states its host.
  private func ambiguous(_ observation: RouteObservation, _ reason: String) -> Finding? {
    finding(
      observation, observation.route.target == nil ? .problem : .warning, "its link is ambiguous: \(reason)",
      wanted: "one node or guest",
      remedies: [Remedy("in \(observation.place), add proxmox: {vmid: NUMBER} to the route")])
  }

  private func unlinked(_ observation: RouteObservation, _ reason: UnlinkedReason) -> Finding? {
    switch reason.code {
    case .inventoryPending where observation.route.target == nil: return nil
    case _ where observation.route.target == nil:
      return finding(
        observation, .problem, "it has no target: \(observation.route.noTargetReason ?? reason.detail)",
        wanted: "host: in the route, or a node or guest of its name")
    case .notFound, .lost: return finding(observation, .warning, reason.detail, wanted: "a link that exists")
    default: return unhealthy(observation)
    }
  }

  private func unhealthy(_ observation: RouteObservation) -> Finding? {
    guard let fault = observation.probeFault, let target = observation.route.target else { return nil }
    return finding(observation, .warning, "\(target): \(fault)", wanted: "a service that answers there")
  }

  /// Routes without a host whose node or guest may still turn up.
  private var pending: [Finding] {
    var reasons: [String: [String]] = [:]
    for observation in routes where observation.nameFault == nil && observation.route.target == nil {
      guard case .unlinked(let reason) = observation.route.link, reason.code == .inventoryPending else { continue }
      reasons[reason.detail, default: []].append(observation.route.alias.text)
    }
    return reasons.sorted { $0.key < $1.key }.map { reason, aliases in
      Finding(
        Self.topic, .warning, "not judged: \(Wording.list(aliases)): \(reason)",
        wanted: "clusters that are read as a whole; of large ones --guests sets how many guests are asked")
    }
  }

  private func finding(
    _ observation: RouteObservation, _ severity: Severity, _ found: String, wanted: String, remedies: [Remedy] = []
  ) -> Finding {
    Finding(
      Self.topic, severity, "\(observation.route.alias) (\(observation.place)): \(found)", wanted: wanted,
      remedies: remedies)
  }
}

extension RouteObservation {
  /// `routes.yml:3:1`, with the path of the file.
  fileprivate var place: String { "\(route.declaration.location)" }
}

/// A route as the agent would link it now, and what is in the way of its traffic.
package struct RouteObservation: Sendable {
  package var route: Route
  /// Why the host has no address; nil if it has one.
  package var nameFault: String?
  /// `tcp 127.0.0.1:2222`; nil for a route without a port of its own.
  package var listen: ListenAddress?
  /// Why the route cannot listen there; nil if it can or does.
  package var listenFault: String?
  /// Whether the node of the linked resource is offline.
  package var isNodeOffline = false
  /// Why a health check of the target fails; nil if it succeeds, or was not made.
  package var probeFault: String?
  /// Whether a request starts the guest.
  package var startsOnRequest = false

  package init(_ route: Route) { self.route = route }
}
