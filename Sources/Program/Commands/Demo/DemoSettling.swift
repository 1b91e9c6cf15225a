import ControlAPI

/// Decides when the demo's table has settled: all routes that can be linked have a link and a target, every target has
/// been probed, and running services are healthy, which may take a second probe on a slow machine.
enum DemoSettling {
  /// The aliases that have not settled.
  static func unsettled(_ routes: [RouteJSON]) -> [String] {
    let found = Set(routes.filter { $0.link.state == "linked" && $0.target != nil }.map(\.alias))
    let unprobed = routes.filter { $0.target != nil && isOpen($0) }.map(\.alias)
    return Set(unprobed).union(DemoScenario.linkedAliases.subtracting(found)).sorted()
  }

  private static func isOpen(_ route: RouteJSON) -> Bool {
    route.alias == DemoScenario.stoppedService
      ? ["unknown", "starting"].contains(route.health.status) : route.health.status != "healthy"
  }
}
