package import HealthMonitoring
package import RouteModel
import RouteValidation

/// The state of a route that persists between changes.
struct ReconciledRoute {
  let id: RouteID
  private let shared: SharedDeclaration
  let conflict: RouteConflict?
  let cell: HealthCell
  var healthCheck: HealthCheck
  private(set) var validated: ValidatedRoute?
  /// The resource that the route was last linked to, even if that link has been lost.
  private(set) var previous: LinkedResource?
  private var race = TargetRace()

  init(
    _ declared: DeclaredRoutes.Declared, healthCheck: HealthCheck, cell: HealthCell, previous: LinkedResource? = nil,
    shared: SharedDeclaration? = nil
  ) {
    id = declared.id
    self.shared = shared ?? SharedDeclaration(declared.declaration)
    conflict = declared.conflict
    self.healthCheck = healthCheck
    self.cell = cell
    self.previous = previous
  }

  /// Continues a route after its file was read again.
  init(_ declared: DeclaredRoutes.Declared, healthCheck: HealthCheck, continuing old: ReconciledRoute) {
    let isSame = old.declaration == declared.declaration
    self.init(declared, healthCheck: healthCheck, cell: old.cell, shared: isSame ? old.shared : nil)
    if old.declaration.proxmox == declared.declaration.proxmox, old.declaration.host == declared.declaration.host {
      previous = old.previous
    }
    race = old.race
  }

  /// The consequences of a new decision.
  struct Change {
    let formerLink: ProxmoxLink?
    let link: ProxmoxLink
    /// The upstreams to race for the target, if any.
    let candidates: [Upstream]?
    /// The route to register; nil if it has not changed.
    let route: Route?
  }

  /// Decides again. In place, because a copy would retain dozens of references.
  mutating func validate(by validator: RouteValidator) -> Change {
    let (former, formerTarget) = (validated, race.target)
    let decision = validator.validate(declaration, previous: previous, conflict: conflict)
    let candidates = apply(decision)
    let isSame = former.map { $0.isRegisteredSame(as: decision) && race.target == formerTarget } ?? false
    return Change(formerLink: former?.link, link: decision.link, candidates: candidates, route: isSame ? nil : route)
  }

  /// Applies a new decision; returns the candidates that must be raced for it, if any.
  mutating func apply(_ decision: ValidatedRoute) -> [Upstream]? {
    validated = decision
    if let resource = decision.link.resource { previous = resource }
    return race.plan(decision.plan)
  }

  /// Applies the result of a race, unless the candidates have changed.
  mutating func settle(_ candidates: [Upstream], winner: Upstream?) { race.settle(candidates, winner: winner) }

  /// Returns the candidates to race again, for a route whose target fails.
  mutating func raceAgain() -> [Upstream]? { race.restart() }

  var declaration: RouteDeclaration { shared.value }
  var link: ProxmoxLink? { validated?.link }

  /// The route to register.
  var route: Route? {
    guard let validated else { return nil }
    return Route(
      id: id, declaration: shared, pool: validated.pool, scheme: validated.scheme, target: race.target,
      noTargetReason: unprobedReason, trust: validated.trust, excludedReason: validated.excludedReason,
      link: validated.link, healthCheck: healthCheck, health: cell)
  }

  /// Why there is nothing to probe.
  var unprobedReason: String? {
    validated?.reasonWithoutTarget
  }
}

extension ValidatedRoute {
  fileprivate var reasonWithoutTarget: String? { if case .none(let reason) = plan { reason } else { nil } }

  /// Whether both make the same route of one declaration, given the same target.
  fileprivate func isRegisteredSame(as other: ValidatedRoute) -> Bool {
    pool == other.pool && scheme == other.scheme && trust == other.trust && excludedReason == other.excludedReason
      && reasonWithoutTarget == other.reasonWithoutTarget && link == other.link
  }
}

extension MonitoredRoute {
  package init(_ route: Route) {
    self.init(
      id: route.id, target: route.target, check: route.healthCheck, trust: route.trust,
      tlsServerName: route.tlsServerName, cell: route.health, link: route.link,
      unprobedReason: route.noTargetReason)
  }
}
