import RouteModel
import RouteValidation

/// The state of a route that persists between changes.
struct ReconciledRoute {
  let id: RouteID
  let declaration: RouteDeclaration
  let conflict: RouteConflict?
  let keys: Set<LinkKey>
  let cell: HealthCell
  var healthCheck: HealthCheck
  private(set) var validated: ValidatedRoute?
  /// The resource that the route was last linked to, even if that link has been lost.
  private(set) var previous: LinkedResource?
  private var race = TargetRace()

  init(
    _ declared: DeclaredRoutes.Declared, healthCheck: HealthCheck, cell: HealthCell, previous: LinkedResource? = nil
  ) {
    id = declared.id
    declaration = declared.declaration
    conflict = declared.conflict
    keys = LinkKey.keys(of: declared.declaration)
    self.healthCheck = healthCheck
    self.cell = cell
    self.previous = previous
  }

  /// Continues a route after its file was read again.
  init(_ declared: DeclaredRoutes.Declared, healthCheck: HealthCheck, continuing old: ReconciledRoute) {
    self.init(declared, healthCheck: healthCheck, cell: old.cell)
    if old.declaration.proxmox == declared.declaration.proxmox, old.declaration.host == declared.declaration.host {
      previous = old.previous
    }
    race = old.race
  }

  /// Applies a new decision; returns the candidates that must be raced for it, if any.
  mutating func take(_ decision: ValidatedRoute) -> [Upstream]? {
    validated = decision
    if let resource = decision.link.resource { previous = resource }
    return race.plan(decision.plan)
  }

  /// Applies the result of a race, unless the candidates have changed.
  mutating func settle(_ candidates: [Upstream], winner: Upstream?) { race.settle(candidates, winner: winner) }

  /// Returns the candidates to race again, for a route whose target fails.
  mutating func raceAgain() -> [Upstream]? { race.again() }

  var link: ProxmoxLink? { validated?.link }

  /// The route to register.
  var route: Route? {
    guard let validated else { return nil }
    return Route(
      id: id, declaration: declaration, pool: validated.pool, scheme: validated.scheme, target: race.target,
      noTargetReason: unprobedReason, trust: validated.trust, excludedReason: validated.excludedReason,
      link: validated.link, healthCheck: healthCheck, health: cell)
  }

  /// Why there is nothing to probe.
  var unprobedReason: String? {
    guard let validated, case .none(let reason) = validated.plan else { return nil }
    return reason
  }
}
