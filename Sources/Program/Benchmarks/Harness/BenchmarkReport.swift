import FoundationEssentials
import Glibc

/// Prints rows as they are measured: as an aligned table, or as one JSON object per line.
struct BenchmarkReport {
  private static let nameWidth = 31
  private static let widths = [7, 14, 12, 10, 8]
  private let isJSON: Bool
  private let encoder = JSONEncoder()

  init(isJSON: Bool) {
    self.isJSON = isJSON
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !isJSON { show("name", ["n", "ns/op", "least", "allocs/op", "own MiB"], note: "") }
  }

  func show(_ row: Measurement) throws {
    let line = Line(row)
    if isJSON { return write(String(decoding: try encoder.encode(line), as: UTF8.self)) }
    let memory = line.anonymousMegabytes.map { "\($0)" } ?? "-"
    let ratios = (line.ratios ?? [:]).sorted { $0.key < $1.key }.map { "\($1) of \($0.dropFirst("reference.".count))" }
    show(
      line.name,
      [
        "\(line.n)", "\(line.nsPerOperation)", "\(line.minNsPerOperation)", "\(line.allocationsPerOperation)", memory,
      ],
      note: ([line.unitNote] + ratios).joined(separator: ", "))
  }

  private func show(_ name: String, _ numbers: [String], note: String) {
    let columns = zip(numbers, Self.widths).map { Self.blanks($1 - $0.count) + $0 }.joined(separator: "  ")
    let line = name + Self.blanks(Self.nameWidth - name.count) + columns
    write(note.isEmpty ? line : "\(line)  \(note)")
  }

  /// Without buffering, so that each line appears at once, also through a pipe.
  private func write(_ line: String) {
    print(line)
    fflush(nil)
  }

  private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
}

extension BenchmarkReport {
  private struct Line: Encodable {
    enum CodingKeys: String, CodingKey {
      case name, n
      case nsPerOperation = "ns_per_op"
      case minNsPerOperation = "least_ns_per_op"
      case allocationsPerOperation = "allocs_per_op"
      case anonymousMegabytes = "anonymous_mb"
      case ratios
      case unitNote = "unit_note"
    }

    let name: String
    let n: Int
    let nsPerOperation: Double
    let minNsPerOperation: Double
    let allocationsPerOperation: Double
    let anonymousMegabytes: Double?
    /// Nil for rows without a reference.
    let ratios: [String: Double]?
    let unitNote: String

    init(_ row: Measurement) {
      (name, n, unitNote) = (row.benchmark.name, row.benchmark.size, row.note)
      nsPerOperation = row.nanosecondsPerOperation.rounded(places: 1)
      minNsPerOperation = row.minNanosecondsPerOperation.rounded(places: 1)
      allocationsPerOperation = row.allocationsPerOperation.rounded(places: 2)
      anonymousMegabytes = row.anonymousMegabytes
      ratios = row.ratios.isEmpty ? nil : row.ratios.mapValues { $0.rounded(places: 2) }
    }
  }
}
