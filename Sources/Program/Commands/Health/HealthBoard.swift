import ControlAPI
import FoundationEssentials

/// The health of all routes as a live view.
struct HealthBoard: LiveBoard, Hashable {
  /// Down routes first, then by key.
  private(set) var routes: [HealthDetail] = []
  var loss: AgentLoss?

  mutating func apply(_ list: HealthList<HealthDetail>) {
    routes = list.health.values.map { (HealthRank($0), $0) }
      .sorted { ($0.0, $0.1.key) < ($1.0, $1.1.key) }.map(\.1)
    loss = nil
  }

  func page(width: Int, usesColor: Bool, now: Date) -> LivePage {
    let layout = HealthLayout(width: width, longestRoute: routes.reduce(0) { max($0, DisplayWidth.of($1.key)) })
    let head =
      [summary(layout, now)] + [loss?.line(now), routes.isEmpty ? nil : HealthRow.heading(layout)].compactMap { $0 }
    let body = routes.flatMap { HealthRow.lines($0, layout, now) }
    return LivePage(
      head: head.map { $0.rendered(width: width, usesColor: usesColor) },
      body: body.map { $0.rendered(width: width, usesColor: usesColor, dimmed: loss != nil) }, width: width,
      usesColor: usesColor)
  }

  private func summary(_ layout: HealthLayout, _ now: Date) -> StyledLine {
    var line = StyledLine()
    line.add("\(routes.count) route\(routes.count == 1 ? "" : "s")", .bold)
    for (count, word, color) in counts where count > 0 { line.add("  \(count) \(word)", color) }
    let clock = LocalClock.time(of: now)
    if line.width + clock.count + HealthLayout.gap <= layout.width {
      line.add(String(repeating: " ", count: layout.width - line.width - clock.count))
      line.add(clock, .dim)
    }
    return line
  }

  /// The number of routes that are down and up, then the others by status.
  private var counts: [(count: Int, word: String, color: TextColor?)] {
    var others: [String: Int] = [:]
    for route in routes where HealthRank(route) != .trouble && route.status != "healthy" {
      others[route.word, default: 0] += 1
    }
    return [
      (routes.count { HealthRank($0) == .trouble }, "down", .red),
      (routes.count { $0.status == "healthy" }, "up", .green),
    ] + others.sorted { $0.key < $1.key }.map { ($0.value, $0.key, .dim) }
  }
}
