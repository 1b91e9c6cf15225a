import ControlAPI
import FoundationEssentials

/// The state of the live view, rendered for a given width and height.
struct HealthBoard: Hashable, Sendable {
  /// The agent cannot be reached; the last known state stays on the board.
  struct Loss: Hashable, Sendable {
    var since: Date
    var reason: String
  }

  /// Down routes first, then by key.
  private(set) var routes: [HealthDetail] = []
  private(set) var loss: Loss?

  mutating func take(_ list: HealthList<HealthDetail>) {
    routes = list.health.values.map { (HealthRank($0), $0) }
      .sorted { ($0.0, $0.1.key) < ($1.0, $1.1.key) }.map(\.1)
    loss = nil
  }

  mutating func lose(_ reason: String, at date: Date) { loss = Loss(since: loss?.since ?? date, reason: reason) }

  /// At most `height` lines of at most `width` columns.
  func lines(width: Int, height: Int, usesColor: Bool, now: Date) -> [String] {
    let layout = HealthLayout(width: width, longestRoute: routes.reduce(0) { max($0, DisplayWidth.of($1.key)) })
    var head = [summary(layout, now)]
    if let loss { head.append(Self.line(loss, now)) }
    if !routes.isEmpty { head.append(HealthRow.heading(layout)) }
    let body = rows(layout, height: height - head.count, now)
    return head.map { $0.rendered(width: width, usesColor: usesColor) }
      + body.map { $0.rendered(width: width, usesColor: usesColor, dimmed: loss != nil) }
  }

  /// As many routes as fit, and a line with the number of the others.
  private func rows(_ layout: HealthLayout, height: Int, _ now: Date) -> [StyledLine] {
    var lines: [StyledLine] = []
    for (index, route) in routes.enumerated() {
      let row = HealthRow.lines(route, layout, now)
      let isLast = index == routes.count - 1
      guard lines.count + row.count <= height - (isLast ? 0 : 1) else {
        var more = StyledLine()
        more.add("… and \(Self.count(routes[index...], of: routes.count))", .dim)
        return Array((lines + [more]).prefix(max(0, height)))
      }
      lines += row
    }
    return lines
  }

  private static func count(_ rest: ArraySlice<HealthDetail>, of total: Int) -> String {
    let down = rest.count { HealthRank($0) == .trouble }
    return "\(rest.count) more"
      + (rest.count == total ? "" : down == 0 ? ", none of them down" : ", \(down) of them down")
  }

  private func summary(_ layout: HealthLayout, _ now: Date) -> StyledLine {
    var line = StyledLine()
    line.add("\(routes.count) route\(routes.count == 1 ? "" : "s")", .bold)
    for (count, word, color) in counts where count > 0 { line.add("  \(count) \(word)", color) }
    let clock = "\(WireFormat.text(of: now).dropFirst(11).prefix(8)) UTC"
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

  private static func line(_ loss: Loss, _ now: Date) -> StyledLine {
    var line = StyledLine()
    let seconds = Int64(max(0, now.timeIntervalSince(loss.since)))
    line.add("no answer for \(HumanText.duration(seconds: seconds)), trying again: \(loss.reason)", .red)
    return line
  }
}
