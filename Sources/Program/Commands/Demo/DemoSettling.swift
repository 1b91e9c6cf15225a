import ControlAPI

/// When the demo's table has settled: all that can link is linked and has a target, every target was probed, and what
/// runs was found healthy, which a starved machine may need a second look for.
enum DemoSettling {
  /// The aliases that still keep it from that.
  static func unsettled(_ routes: [ControlAPI.Route]) -> [String] {
    let found = Set(routes.filter { $0.link.state == "linked" && $0.target != nil }.map(\.alias))
    let unprobed = routes.filter { $0.target != nil && isOpen($0) }.map(\.alias)
    return Set(unprobed).union(DemoScenario.linkedAliases.subtracting(found)).sorted()
  }

  private static func isOpen(_ route: ControlAPI.Route) -> Bool {
    route.alias == DemoScenario.stoppedService
      ? ["unknown", "starting"].contains(route.health.status) : route.health.status != "healthy"
  }
}
