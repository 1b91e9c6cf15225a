import RouteModel

/// Judges how the routes are linked and served.
package struct RouteExamination {
  private static let topic = "route"

  private let routes: [RouteSighting]

  /// - Parameter routes: all declared ones. Excluded ones are not judged: their files say why they are.
  package init(_ routes: [RouteSighting]) { self.routes = routes.filter { $0.route.pool != .excluded } }

  package var checks: [Finding] {
    routes.isEmpty ? [] : [summary] + routes.flatMap(faults) + pending
  }

  private var summary: Finding {
    let linked = routes.compactMap { sighting in
      sighting.route.link.resource.map { "\(sighting.route.alias) to \($0.summary)" }
    }
    let text = "\(linked.count) of \(Wording.count(routes.count, "route")) linked"
    return .ok("routes", linked.isEmpty ? text : "\(text): \(Wording.list(linked))")
  }

  /// At most one finding about the port, and one about the way to the target.
  private func faults(_ sighting: RouteSighting) -> [Finding] {
    [listening(sighting), target(sighting)].compactMap(\.self)
  }

  private func listening(_ sighting: RouteSighting) -> Finding? {
    guard let fault = sighting.listenFault, let address = sighting.listen else { return nil }
    return finding(sighting, .problem, "cannot listen on \(address): \(fault)", wanted: "a port that nothing else uses")
  }

  private func target(_ sighting: RouteSighting) -> Finding? {
    let route = sighting.route
    if let fault = sighting.nameFault {
      return finding(
        sighting, .problem, "its host '\(route.target?.host ?? "")' does not resolve: \(fault)",
        wanted: "a name that this machine resolves, or an address")
    }
    return switch route.link {
    case .linked(let resource): linked(sighting, resource)
    case .ambiguous(_, let reason): ambiguous(sighting, reason)
    case .unlinked(let reason): unlinked(sighting, reason)
    }
  }

  private func linked(_ sighting: RouteSighting, _ resource: LinkedResource) -> Finding? {
    if sighting.isNodeOffline {
      return finding(sighting, .problem, "\(resource.summary): the node is offline", wanted: "a node that is online")
    }
    if let status = resource.identity.guestStatus, status == .stopped {
      return sighting.startsOnRequest ? nil : stopped(sighting, resource)
    }
    guard sighting.route.target != nil else {
      return finding(
        sighting, .problem, sighting.route.noTargetReason ?? "it has no target",
        wanted: "an address of \(resource.summary), or host: in the route")
    }
    return unhealthy(sighting)
  }

  private func stopped(_ sighting: RouteSighting, _ resource: LinkedResource) -> Finding {
    guard case .guest(let id, let node, _, let type, _) = resource.identity else {
      return unhealthy(sighting) ?? summary
    }
    let tool = type == .lxc ? "pct" : "qm"
    return finding(
      sighting, .warning, "\(resource.summary) is stopped", wanted: "a guest that runs",
      remedies: [Remedy("on \(node), as root, start it", ["\(tool) start \(id.vmid)"])])
  }

  /// The route is served all the same if it states its host.
  private func ambiguous(_ sighting: RouteSighting, _ reason: String) -> Finding? {
    finding(
      sighting, sighting.route.target == nil ? .problem : .warning, "its link is ambiguous: \(reason)",
      wanted: "one node or guest", remedies: [Remedy("in \(sighting.place), add proxmox: {vmid: NUMBER} to the route")])
  }

  private func unlinked(_ sighting: RouteSighting, _ reason: UnlinkedReason) -> Finding? {
    switch reason.code {
    case .inventoryPending where sighting.route.target == nil: return nil
    case _ where sighting.route.target == nil:
      return finding(
        sighting, .problem, "it has no target: \(sighting.route.noTargetReason ?? reason.detail)",
        wanted: "host: in the route, or a node or guest of its name")
    case .notFound, .lost: return finding(sighting, .warning, reason.detail, wanted: "a link that exists")
    default: return unhealthy(sighting)
    }
  }

  private func unhealthy(_ sighting: RouteSighting) -> Finding? {
    guard let fault = sighting.probeFault, let target = sighting.route.target else { return nil }
    return finding(sighting, .warning, "\(target): \(fault)", wanted: "a service that answers there")
  }

  /// Routes without a host whose node or guest may still turn up.
  private var pending: [Finding] {
    var reasons: [String: [String]] = [:]
    for sighting in routes where sighting.nameFault == nil && sighting.route.target == nil {
      guard case .unlinked(let reason) = sighting.route.link, reason.code == .inventoryPending else { continue }
      reasons[reason.detail, default: []].append(sighting.route.alias.text)
    }
    return reasons.sorted { $0.key < $1.key }.map { reason, aliases in
      Finding(
        Self.topic, .warning, "not judged: \(Wording.list(aliases)): \(reason)",
        wanted: "clusters that are read as a whole; of large ones --guests sets how many guests are asked")
    }
  }

  private func finding(
    _ sighting: RouteSighting, _ severity: Severity, _ found: String, wanted: String, remedies: [Remedy] = []
  ) -> Finding {
    Finding(
      Self.topic, severity, "\(sighting.route.alias) (\(sighting.place)): \(found)", wanted: wanted,
      remedies: remedies)
  }
}

extension RouteSighting {
  /// `routes.yml:3:1`, with the path of the file.
  fileprivate var place: String { "\(route.declaration.location)" }
}
