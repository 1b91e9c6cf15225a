import Foundation

/// An article of the manual, as shown to readers.
package struct ManualArticle: Sendable {
  package struct Table: Sendable {
    package var header: [String]
    package var rows: [[String]]
  }

  package let text: String

  package init(_ name: String) throws {
    let catalog = "\(Checkout.root)/Sources/Program/Commands/Documentation.docc"
    text = try String(contentsOfFile: "\(catalog)/\(name).md", encoding: .utf8)
  }

  package var tables: [Table] {
    var tables: [Table] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isRow = line.hasPrefix("|")
      if isRow, !isInside {
        tables.append(Table(header: Self.cells(line), rows: []))
      } else if isRow, !line.hasPrefix("|---") {
        tables[tables.count - 1].rows.append(Self.cells(line))
      }
      isInside = isRow
    }
    return tables
  }

  /// The texts in backticks, in order.
  package static func code(in text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  private static func cells(_ line: Substring) -> [String] {
    // `\|` is a bar inside a cell.
    let cells = line.replacing("\\|", with: "\u{0}").split(separator: "|", omittingEmptySubsequences: false)
    return cells.dropFirst().dropLast().map {
      $0.trimmingCharacters(in: .whitespaces).replacing("\u{0}", with: "|")
    }
  }
}
