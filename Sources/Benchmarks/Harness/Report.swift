import FoundationEssentials
import Glibc

/// Prints rows as they come: an aligned table, or one JSON object a line.
struct Report {
  private static let nameWidth = 31
  private static let widths = (size: 7, time: 14, allocations: 10)
  private let isJSON: Bool
  private let encoder = JSONEncoder()

  init(isJSON: Bool) {
    self.isJSON = isJSON
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isJSON { show(cells: ("name", "n", "ns/op", "allocs/op"), note: "") }
  }

  func show(_ row: Measurement) throws {
    let time = row.nanosecondsPerOperation.rounded(places: 1)
    let allocations = row.allocationsPerOperation.rounded(places: 2)
    guard isJSON else {
      return show(cells: (row.name, "\(row.size)", "\(time)", "\(allocations)"), note: row.note)
    }
    let line = Line(
      name: row.name, n: row.size, nsPerOperation: time, allocationsPerOperation: allocations, unitNote: row.note)
    write(String(decoding: try encoder.encode(line), as: UTF8.self))
  }

  private func show(cells: (name: String, size: String, time: String, allocations: String), note: String) {
    let numbers = [
      (cells.size, Self.widths.size), (cells.time, Self.widths.time), (cells.allocations, Self.widths.allocations),
    ]
    let columns = numbers.map { text, width in Self.blanks(width - text.count) + text }.joined(separator: "  ")
    let line = cells.name + Self.blanks(Self.nameWidth - cells.name.count) + columns
    write(note.isEmpty ? line : "\(line)  \(note)")
  }

  /// At once, so that a row is seen when it is measured, through a pipe too.
  private func write(_ line: String) {
    print(line)
    fflush(nil)
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
}

extension Report {
  private struct Line: Encodable {
    enum CodingKeys: String, CodingKey {
      case name, n
      case nsPerOperation = "ns_per_op"
      case allocationsPerOperation = "allocs_per_op"
      case unitNote = "unit_note"
    }

    var name: String
    var n: Int
    var nsPerOperation: Double
    var allocationsPerOperation: Double
    var unitNote: String
  }
}
