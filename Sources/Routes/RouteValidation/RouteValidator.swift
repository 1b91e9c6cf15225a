package import ProxmoxInventory
package import RouteModel

/// Finalises a route, links it and plans its target. Pure; nothing is started, changed or contacted.
package struct RouteValidator: Sendable {
  private let inventory: InventorySnapshot
  private let lookup: ReverseLookup
  private let defaultHost: DefaultHost
  private let missingNames: Set<String>

  /// - Parameter missingNames: host names, folded, that the resolver says do not exist.
  package init(
    inventory: InventorySnapshot, defaultHost: DefaultHost = .none, missingNames: Set<String> = []
  ) {
    (self.inventory, self.defaultHost, self.missingNames) = (inventory, defaultHost, missingNames)
    self.lookup = ReverseLookup(inventory: inventory)
  }

  /// - Parameters:
  ///   - previous: the resource that the route was last linked to, also when that link was lost since.
  ///   - conflict: who has the alias or the port of the route; nil where this one may have both.
  package func validate(
    _ declaration: RouteDeclaration, previous: LinkedResource? = nil, conflict: RouteConflict? = nil
  ) -> ValidatedRoute {
    let finalized = FinalizedRoute(declaration)
    if let problem = finalized.problem { return rejected(finalized, .invalidRoute, because: problem.description) }
    if let conflict { return rejected(finalized, conflict.code, because: conflict.reason) }
    if finalized.scheme == .fileserver { return fileServer(finalized) }
    let decision = lookup.link(
      reference: declaration.proxmox, query: LinkQuery(host: declaration.host, alias: declaration.alias.folded),
      previous: previous, suggestsNames: declaration.host == nil)
    let planner = TargetPlanner(
      inventory: inventory, finalized: finalized, link: decision.link, defaultHost: defaultHost,
      missingNames: missingNames)
    let target = planner.plan()
    return ValidatedRoute(
      declaration: declaration, scheme: target.scheme, pool: finalized.pool, excludedReason: finalized.excludedReason,
      link: decision.link, plan: target.plan, trust: target.trust,
      steps: decision.steps + [planner.portStep, target.step, accessStep(declaration)].compactMap { $0 })
  }

  private func rejected(
    _ finalized: FinalizedRoute, _ code: UnlinkedReason.Code, because reason: String
  ) -> ValidatedRoute {
    ValidatedRoute(
      declaration: finalized.declaration, scheme: finalized.scheme, pool: .excluded, excludedReason: reason,
      link: .unlinked(UnlinkedReason(code, "excluded before the lookup")), plan: .none(reason),
      trust: .systemRoots, steps: [LinkStep(.validate, .failed, reason)])
  }

  private func fileServer(_ finalized: FinalizedRoute) -> ValidatedRoute {
    let root = finalized.declaration.root ?? ""
    let reason = UnlinkedReason(.notLookedUp, "a file server has no host to look up")
    return ValidatedRoute(
      declaration: finalized.declaration, scheme: .fileserver, pool: finalized.pool,
      excludedReason: finalized.excludedReason, link: .unlinked(reason), plan: .fixed(.files(root: root)),
      trust: .systemRoots,
      steps: [
        LinkStep(.link, .skipped, reason.detail), LinkStep(.target, .chosen, "the folder \(root)"),
        accessStep(finalized.declaration),
      ].compactMap { $0 })
  }

  private func accessStep(_ declaration: RouteDeclaration) -> LinkStep? {
    declaration.restriction.map { LinkStep(.access, .failed, "not served: \($0)") }
  }
}
