import ControlAPI

/// Determines which rows of the table have changed since it was last printed.
struct DemoReview {
  private var printed: [String: Row]

  /// The compared values: without the latency, which always differs.
  private struct Row: Equatable {
    var target: String?
    var link: LinkJSON
    var health: String
    var detail: String?

    init(_ route: RouteJSON) {
      target = route.target
      link = route.link
      health = route.health.status
      detail = health == "healthy" ? nil : route.health.detail
    }
  }

  init(_ routes: [RouteJSON]) { printed = Self.rows(routes) }

  /// Returns the changed routes, and treats them as printed from now on.
  mutating func changes(in routes: [RouteJSON]) -> [RouteJSON] {
    let changed = routes.filter { printed[$0.key] != Row($0) }
    printed = Self.rows(routes)
    return changed
  }

  private static func rows(_ routes: [RouteJSON]) -> [String: Row] {
    Dictionary(routes.map { ($0.key, Row($0)) }, uniquingKeysWith: { $1 })
  }
}
