import ControlAPI

/// Names and values, one pair per line: the view of a single item.
struct FieldList {
  private var fields: [(name: String, cell: TextTable.Cell)] = []

  /// Adds a line, unless the value is nil.
  mutating func add(_ name: String, _ value: String?, color: TextColor? = nil) {
    guard let value else { return }
    fields.append((name, TextTable.Cell(value, color: color)))
  }

  mutating func add(_ name: String, _ cell: TextTable.Cell) { fields.append((name, cell)) }

  func rendered(_ style: TableStyle) -> String {
    let width = fields.map(\.name.count).max() ?? 0
    return fields.map { field in
      let padding = String(repeating: " ", count: width - field.name.count + 2)
      let color = style.usesColor ? field.cell.color : nil
      return field.name + padding + (color?.paint(field.cell.text) ?? field.cell.text) + "\n"
    }.joined()
  }
}

extension FieldList {
  /// Adds the full description of a link, including candidates and details.
  mutating func add(_ link: LinkJSON) {
    switch link {
    case .linked(let resource):
      add("link", LinkText.text(resource, namesCluster: true), color: .green)
      add("matched", "\(resource.matchedBy) \(resource.matched)")
    case .ambiguous(let candidates, let detail):
      add("link", "ambiguous: \(detail)", color: .yellow)
      for candidate in candidates {
        add(
          "candidate", "\(LinkText.text(candidate, namesCluster: true)) (\(candidate.matchedBy) \(candidate.matched))")
      }
    case .unlinked(let reason, let detail):
      add("link", detail.isEmpty ? "none: \(reason)" : "none: \(detail)", color: .dim)
    }
  }
}
