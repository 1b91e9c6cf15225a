/// One row of the benchmark: a named measurement at one size.
struct Benchmark: Sendable {
  /// Runs about that many operations and measures them, without set-up and clean-up.
  typealias Sampler = (_ operations: Int) async throws -> Sample

  let name: String
  let size: Int
  /// The meaning of the numbers, and the form of the keys.
  let note: String
  /// The length of the keys; nil for rows without keys or with only one length.
  let keys: KeyForm?
  /// Whether the row has a fixed rate, so that more operations only take longer.
  let isPaced: Bool
  /// Builds the fixture of the row; called only for selected rows.
  let prepare: @Sendable () async throws -> Sampler

  init(
    _ name: String, size: Int, keys: KeyForm? = nil, note: String = "", isPaced: Bool = false,
    prepare: @escaping @Sendable () async throws -> Sampler
  ) {
    (self.name, self.size, self.keys, self.isPaced, self.prepare) = (name, size, keys, isPaced, prepare)
    self.note = [keys?.note, note].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Whether any of the filters is part of the name, or there is no filter.
  func matches(_ filters: [String]) -> Bool {
    filters.isEmpty || filters.contains { name.contains($0) }
  }

  /// Whether another row is compared with this one: a lookup of the same keys by the standard library.
  func isReference(for other: Benchmark) -> Bool { isReference && other.isLookup && hasKeys(of: other) }

  /// Whether both look up the same keys, in routes or in a reference for them.
  private func hasKeys(of other: Benchmark) -> Bool {
    [self, other].allSatisfy { $0.isLookup || $0.isReference } && size == other.size && keys != nil
      && keys == other.keys
  }

  private var isLookup: Bool { name.hasPrefix("pool.get.") || name == "proxy.find" }

  private var isReference: Bool { name.hasPrefix("reference.") }

  /// The rows that the filters select, after the references for them.
  static func selected(by filters: [String]) -> [Benchmark] {
    let asked = all.filter { $0.matches(filters) }
    return all.filter { row in row.matches(filters) || asked.contains { row.isReference(for: $0) } }
  }

  /// Lookups of the same keys together with their references, and each other row alone.
  static func groups(of rows: [Benchmark]) -> [[Benchmark]] {
    var groups: [[Benchmark]] = []
    for row in rows {
      if let group = groups.firstIndex(where: { $0[0].hasKeys(of: row) }) {
        groups[group].append(row)
      } else {
        groups.append([row])
      }
    }
    return groups
  }
}

extension Benchmark {
  /// Every row, in the order in which they are printed.
  static var all: [Benchmark] {
    harness + poolReads + sharedReads + readsDuringReload + proxyRouting + poolWrites + poolAggregates + context
      + memory + lookups + validation + reconciliation + inventory
      + discoveryCycles + health + traffic + socket
  }
}
