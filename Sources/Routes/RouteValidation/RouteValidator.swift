package import PeerTrust
package import ProxmoxInventory
package import RouteModel

/// Finalises a route, links it and plans its target. Pure: nothing is started, changed or contacted.
package struct RouteValidator: Sendable {
  private let lookup: ReverseLookup
  private let planner: TargetPlanner

  /// - Parameters:
  ///   - clusterTrust: the `tls` of each cluster, for its nodes' own APIs.
  ///   - missingNames: folded host names that do not exist according to the resolver.
  package init(
    inventory: InventorySnapshot, defaultHost: DefaultHost = .none, clusterTrust: [ClusterName: TrustPolicy] = [:],
    missingNames: Set<String> = []
  ) {
    planner = TargetPlanner(
      inventory: inventory, defaultHost: defaultHost, clusterTrust: clusterTrust, missingNames: missingNames)
    lookup = ReverseLookup(inventory: inventory)
  }

  /// - Parameters:
  ///   - previous: the resource that the route was last linked to, even if that link has been lost.
  ///   - conflict: the owner of the route's alias or port; nil if the route may have both.
  package func validate(
    _ declaration: RouteDeclaration, previous: LinkedResource? = nil, conflict: RouteConflict? = nil
  ) -> ValidatedRoute {
    let finalized = FinalizedRoute(declaration)
    if let problem = finalized.problem { return rejected(finalized, .invalidRoute, because: problem.description) }
    if let conflict { return rejected(finalized, conflict.code, because: conflict.reason) }
    if finalized.scheme == .fileserver {
      return ValidatedRoute(
        scheme: .fileserver, pool: finalized.pool, excludedReason: finalized.excludedReason,
        link: .unlinked(Self.notLookedUp), plan: .fixed(.files(root: declaration.root ?? "")), trust: .systemRoots)
    }
    let link = lookup.link(
      reference: declaration.proxmox, host: declaration.host, alias: declaration.alias.folded, previous: previous,
      suggestsNames: declaration.host == nil)
    let target = planner.plan(declaration, finalized, link)
    return ValidatedRoute(
      scheme: target.scheme, pool: finalized.pool, excludedReason: finalized.excludedReason, link: link,
      plan: target.plan, trust: target.trust)
  }

  /// The steps of ``validate(_:previous:conflict:)`` with the same arguments, for people.
  package func steps(
    of declaration: RouteDeclaration, previous: LinkedResource? = nil, conflict: RouteConflict? = nil
  ) -> [LinkStep] {
    let finalized = FinalizedRoute(declaration)
    if let problem = finalized.problem { return [LinkStep(.validate, .failed, problem.description)] }
    if let conflict { return [LinkStep(.validate, .failed, conflict.reason)] }
    let access = declaration.restriction.map { [LinkStep(.access, .failed, "not served: \($0)")] } ?? []
    if finalized.scheme == .fileserver {
      return [
        LinkStep(.link, .skipped, Self.notLookedUp.detail),
        LinkStep(.target, .chosen, "the folder \(declaration.root ?? "")"),
      ] + access
    }
    let decision = lookup.explain(
      reference: declaration.proxmox, host: declaration.host, alias: declaration.alias.folded, previous: previous,
      suggestsNames: declaration.host == nil)
    return decision.steps + planner.steps(declaration, finalized, decision.link) + access
  }

  private static let notLookedUp = UnlinkedReason(.notLookedUp, "a file server has no host to look up")

  private func rejected(
    _ finalized: FinalizedRoute, _ code: UnlinkedReason.Code, because reason: String
  ) -> ValidatedRoute {
    ValidatedRoute(
      scheme: finalized.scheme, pool: .excluded, excludedReason: reason,
      link: .unlinked(UnlinkedReason(code, "excluded before the lookup")), plan: .none(reason), trust: .systemRoots)
  }
}

/// Why a valid route is excluded: another one, or the proxy itself, has its alias or address.
package struct RouteConflict: Hashable, Sendable {
  package var code: UnlinkedReason.Code
  /// One sentence for people.
  package var reason: String

  package init(_ code: UnlinkedReason.Code, _ reason: String) { (self.code, self.reason) = (code, reason) }
}
