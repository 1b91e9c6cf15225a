/// Columns of text under a heading, never wider than its style allows.
struct TextTable {
  struct Column {
    var title: String
    /// Numbers stand to the right.
    var isNumeric = false
    /// The first to be cut has the highest number; 0 is cut last.
    var cutRank = 0
    /// All columns are cut down to their first widths before any is cut to its next one; below the last one a column
    /// says nothing any more.
    var floors = [24, 14, 8]
    /// Goes as a whole before anything else is cut.
    var isOptional = false
  }

  struct Cell: ExpressibleByStringInterpolation {
    var text: String
    var color: TextColor?

    init(_ text: String, color: TextColor? = nil) {
      self.text = DisplayWidth.printable(text)
      self.color = color
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  private static let gap = 2

  var columns: [Column]
  var rows: [[Cell]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Lines with a line feed each, the heading first.
  func rendered(_ style: TableStyle) -> String {
    let widths = columnWidths(style)
    let heading = columns.map { Cell($0.title, color: .bold) }
    return ([heading] + rows).map { line($0, widths, style) + "\n" }.joined()
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ style: TableStyle) -> String {
    var line = ""
    var blanks = 0
    for (index, cell) in cells.enumerated() {
      let text = DisplayWidth.cut(cell.text, to: widths[index])
      let padding = widths[index] - DisplayWidth.of(text)
      if columns[index].isNumeric { blanks += padding }
      if !text.isEmpty {
        line += String(repeating: " ", count: blanks) + painted(text, cell.color, style)
        blanks = 0
      }
      blanks += Self.gap + (columns[index].isNumeric ? 0 : padding)
    }
    return line
  }

  private func painted(_ text: String, _ color: TextColor?, _ style: TableStyle) -> String {
    guard style.usesColor, let color else { return text }
    return color.paint(text)
  }

  private func columnWidths(_ style: TableStyle) -> [Int] {
    var widths = columns.enumerated().map { index, column in
      rows.reduce(DisplayWidth.of(column.title)) { max($0, DisplayWidth.of($1[index].text)) }
    }
    guard let limit = style.width else { return widths }
    var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - limit
    for index in columns.indices where excess > 0 && columns[index].isOptional {
      excess -= widths[index] + Self.gap
      widths[index] = 0
    }
    let leastFirst = columns.indices.sorted { columns[$0].cutRank > columns[$1].cutRank }
    for (level, index) in (0..<3).flatMap({ level in leastFirst.map { (level, $0) } }) where excess > 0 {
      let cut = min(excess, max(0, widths[index] - columns[index].floors[level]))
      widths[index] -= cut
      excess -= cut
    }
    // A terminal narrower than all columns at their narrowest: the last ones go.
    for index in columns.indices.reversed() where excess > 0 {
      let cut = min(excess, widths[index])
      widths[index] -= cut
      excess -= cut
    }
    return widths
  }
}
