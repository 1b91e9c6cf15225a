import ControlAPI

/// When the demo's table has settled: all that can link is linked, and every target was probed.
enum DemoSettling {
  /// The aliases that still keep it from that.
  static func unsettled(_ routes: [ControlAPI.Route]) -> [String] {
    let linked = Set(routes.filter { $0.link.state == "linked" }.map(\.alias))
    let unprobed = routes.filter { $0.target != nil && ["unknown", "starting"].contains($0.health.status) }.map(\.alias)
    return Set(unprobed).union(DemoScenario.linkedAliases.subtracting(linked)).sorted()
  }
}
