import FoundationEssentials

/// The state of a live view: the last answer of the agent, and whether it still answers. Pure.
protocol LiveBoard: Sendable {
  associatedtype Value: Sendable
  /// Nil while the agent answers.
  var loss: AgentLoss? { get set }
  mutating func apply(_ value: Value)
  /// Lines of at most `width` columns.
  func page(width: Int, usesColor: Bool, now: Date) -> LivePage
}

extension LiveBoard {
  mutating func lose(_ reason: String, at date: Date) { loss = AgentLoss(since: loss?.since ?? date, reason: reason) }
}

/// The agent cannot be reached; the last known state stays on the board.
struct AgentLoss: Hashable, Sendable {
  var since: Date
  var reason: String

  func line(_ now: Date) -> StyledLine {
    var line = StyledLine()
    let seconds = Int64(max(0, now.timeIntervalSince(since)))
    line.add("no answer for \(HumanText.duration(seconds: seconds)), trying again: \(reason)", .red)
    return line
  }
}

/// A table, or the fields of one thing, as a live view.
struct TableBoard<Value: Sendable>: LiveBoard {
  /// Whether the first line is the heading of a table.
  let hasHeading: Bool
  let table: @Sendable (Value, TableStyle) -> String
  var loss: AgentLoss?
  private var value: Value?

  init(hasHeading: Bool, _ table: @escaping @Sendable (Value, TableStyle) -> String) {
    (self.hasHeading, self.table) = (hasHeading, table)
  }

  mutating func apply(_ value: Value) { (self.value, loss) = (value, nil) }

  func page(width: Int, usesColor: Bool, now: Date) -> LivePage {
    let style = TableStyle(width: width, usesColor: usesColor && loss == nil)
    var lines =
      value.map { table($0, style) }?.split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init) ?? []
    if lines.last == "" { lines.removeLast() }
    if usesColor, loss != nil { lines = lines.map(TextColor.dim.paint) }
    let lost = loss.map { [$0.line(now).rendered(width: width, usesColor: usesColor)] } ?? []
    let heading = hasHeading ? 1 : 0
    return LivePage(
      head: lost + lines.prefix(heading), body: Array(lines.dropFirst(heading)), width: width, usesColor: usesColor)
  }
}
