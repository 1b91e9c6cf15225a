import FoundationEssentials

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
