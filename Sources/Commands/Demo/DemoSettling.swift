import ControlAPI

/// When the demo's table has settled: all that can link is linked and has a target, and every target was probed.
enum DemoSettling {
  /// The aliases that still keep it from that.
  static func unsettled(_ routes: [ControlAPI.Route]) -> [String] {
    let found = Set(routes.filter { $0.link.state == "linked" && $0.target != nil }.map(\.alias))
    let unprobed = routes.filter { $0.target != nil && isOpen($0.health) }.map(\.alias)
    return Set(unprobed).union(DemoScenario.linkedAliases.subtracting(found)).sorted()
  }

  private static func isOpen(_ health: Health) -> Bool { health.status == "unknown" || health.status == "starting" }
}
