import ControlAPI
import RouteModel
import RouteRegistry

extension ControlAPI.Route {
  init(_ entry: RegistrySnapshot.Entry) {
    let route = entry.route
    self.init(
      key: entry.key, alias: route.alias.text, provider: route.provider.text, pool: route.pool.rawValue,
      scheme: route.scheme.rawValue, listen: route.listen, target: route.target?.description,
      excludedReason: route.excludedReason, link: ControlAPI.Link(route.link), health: Health(route.health.report))
  }
}

extension Explanation {
  init(_ entry: RegistrySnapshot.Entry) {
    self.init(
      route: ControlAPI.Route(entry), declaredAt: entry.route.declaration.location.description,
      steps: entry.route.steps.map(ControlAPI.LinkStep.init), health: HealthDetail(entry),
      notes: entry.route.declaration.notes)
  }
}
