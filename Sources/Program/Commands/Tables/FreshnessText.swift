import ControlAPI
import FoundationEssentials

/// The last column of the inventory tables: the age of the line, and the reason.
enum FreshnessText {
  static func cell(asOf: Date?, stale: Bool, error: String?) -> TextTable.Cell {
    let age = asOf.map { HumanText.age(of: $0) } ?? "never"
    guard let error else { return TextTable.Cell(stale ? "\(age), stale" : age, color: stale ? .yellow : nil) }
    return TextTable.Cell("\(age)\(stale ? ", stale" : ""): \(error)", color: .red)
  }
}
