/// Columns of text under a heading, never wider than the style allows.
struct TextTable {
  struct Column {
    var title: String
    /// Numbers are right-aligned.
    var isNumeric = false
    /// The column with the highest number is cut first, the one with 0 last.
    var cutRank = 0
    /// All columns are cut to their first widths before any is cut to its next one; below the last one, a column is not
    /// useful.
    var floors = [24, 14, 8]
    /// Whether URLs are cut behind their scheme: the end distinguishes addresses with ports.
    var keepsEnds = false
  }

  struct Cell: ExpressibleByStringInterpolation {
    var text: String
    /// A shorter equivalent, if the text does not fit.
    var short: String?
    var color: TextColor?

    init(_ text: String, short: String? = nil, color: TextColor? = nil) {
      self.text = DisplayWidth.printable(text)
      self.short = short
      self.color = color
    }

    init(stringLiteral text: String) { self.init(text) }
  }

  private static let gap = 2
  private static let noteIndent = 4

  var columns: [Column]
  var rows: [[Cell]] = []
  /// Notes on separate lines below a row, by the row's index; never cut.
  var notes: [Int: [Cell]] = [:]

  init(_ columns: [Column]) { self.columns = columns }

  /// The lines, each with a line feed, the heading first.
  func rendered(_ style: TableStyle) -> String {
    let widths = columnWidths(style)
    let heading = columns.map { Cell($0.title, color: .bold) }
    var text = line(heading, widths, style) + "\n"
    for (index, row) in rows.enumerated() {
      text += line(row, widths, style) + "\n"
      for note in notes[index] ?? [] { text += lines(of: note, style) }
    }
    return text
  }

  /// Whether nothing has to be cut.
  func fits(_ style: TableStyle) -> Bool { style.width.map { width(of: fullWidths) <= $0 } ?? true }

  private func lines(of note: Cell, _ style: TableStyle) -> String {
    let indent = String(repeating: " ", count: Self.noteIndent)
    let width = style.width.map { max(20, $0 - Self.noteIndent) } ?? .max
    return DisplayWidth.lines(of: note.text, width: width)
      .map { indent + painted($0, note.color, style) + "\n" }.joined()
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ style: TableStyle) -> String {
    var line = ""
    var blanks = 0
    for (index, cell) in cells.enumerated() {
      let text = text(of: cell, in: columns[index], width: widths[index])
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

  private func text(of cell: Cell, in column: Column, width: Int) -> String {
    if DisplayWidth.of(cell.text) <= width { return cell.text }
    let text = cell.short ?? cell.text
    return column.keepsEnds ? DisplayWidth.cutURL(text, to: width) : DisplayWidth.cut(text, to: width)
  }

  private func painted(_ text: String, _ color: TextColor?, _ style: TableStyle) -> String {
    guard style.usesColor, let color else { return text }
    return color.paint(text)
  }

  private func columnWidths(_ style: TableStyle) -> [Int] {
    var widths = fullWidths
    guard let limit = style.width else { return widths }
    var excess = width(of: widths) - limit
    let leastFirst = columns.indices.sorted { columns[$0].cutRank > columns[$1].cutRank }
    for (level, index) in (0..<3).flatMap({ level in leastFirst.map { (level, $0) } }) where excess > 0 {
      let cut = min(excess, max(0, widths[index] - columns[index].floors[level]))
      widths[index] -= cut
      excess -= cut
    }
    // The terminal is too narrow even for the narrowest columns: the last ones are omitted.
    for index in columns.indices.reversed() where excess > 0 {
      let cut = min(excess, widths[index])
      widths[index] -= cut
      excess -= cut
    }
    return widths
  }

  private var fullWidths: [Int] {
    columns.enumerated().map { index, column in
      rows.reduce(DisplayWidth.of(column.title)) { max($0, DisplayWidth.of($1[index].text)) }
    }
  }

  private func width(of widths: [Int]) -> Int { widths.reduce(0, +) + Self.gap * (columns.count - 1) }
}
