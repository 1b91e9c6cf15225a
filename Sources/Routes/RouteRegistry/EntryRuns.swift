import RouteModel

/// Entries in order, in short runs: a change copies one run and shares the others with the previous value.
struct EntryRuns: Sendable {
  typealias Entry = RegistrySnapshot.Entry

  private static let usualLength = 16
  private static let maxLength = 32

  /// No run is empty, and all entries of an alias are in the same one.
  private(set) var runs: [[Entry]] = []

  /// - Parameter routes: ordered by alias, then pool, then provider.
  init(_ routes: [RegisteredRoute]) {
    runs.reserveCapacity(routes.count / Self.usualLength + 1)
    var run: [Entry] = []
    var alias: String?
    for route in routes {
      let isFirst = alias != route.id.alias.folded
      alias = route.id.alias.folded
      if isFirst, run.count >= Self.usualLength {
        runs.append(run)
        run = []
      }
      if run.isEmpty { run.reserveCapacity(Self.usualLength) }
      run.append(Entry(route, isFirst: isFirst))
    }
    if !run.isEmpty { runs.append(run) }
  }

  /// The entries of an alias, which is folded. O(log n).
  func entries(of alias: String) -> ArraySlice<Entry> {
    guard !runs.isEmpty else { return [] }
    let run = runs[self.run(of: alias)]
    return run[run.range(of: alias)]
  }

  /// Replaces the routes of an alias; they are in the order in which they may have the alias as their key.
  mutating func replace(_ alias: String, with routes: [RegisteredRoute]) {
    let entries = routes.indices.map { Entry(routes[$0], isFirst: $0 == 0) }
    guard !runs.isEmpty else {
      if !entries.isEmpty { runs = [entries] }
      return
    }
    let index = run(of: alias)
    let range = runs[index].range(of: alias)
    if entries.count == 1, range.count == 1 {
      runs[index][range.lowerBound] = entries[0]
    } else {
      runs[index].replaceSubrange(range, with: entries)
      rebalance(index)
    }
  }

  /// The index of the run for an alias: the last one that does not begin after it.
  private func run(of alias: String) -> Int {
    var (low, high) = (1, runs.count)
    while low < high {
      let middle = low + (high - low) / 2
      if runs[middle][0].alias <= alias { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  private mutating func rebalance(_ index: Int) {
    let run = runs[index]
    if run.isEmpty {
      runs.remove(at: index)
    } else if run.count > Self.maxLength {
      // Split where another alias begins.
      let half = run.count / 2
      let border = (half..<run.count).first { run[$0].alias != run[$0 - 1].alias }
      guard let border else { return }
      runs.replaceSubrange(index...index, with: [Array(run[..<border]), Array(run[border...])])
    } else if run.count < Self.usualLength / 4, index + 1 < runs.count,
      run.count + runs[index + 1].count <= Self.maxLength
    {
      runs.replaceSubrange(index...index + 1, with: [run + runs[index + 1]])
    }
  }
}

extension RegistrySnapshot.Entry {
  fileprivate var alias: String { registered.route.id.alias.folded }
}

extension [RegistrySnapshot.Entry] {
  /// The range of the alias's entries; empty, at their position, if there are none. O(log n).
  fileprivate func range(of alias: String) -> Range<Int> {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle].alias < alias { low = middle + 1 } else { high = middle }
    }
    while high < count, self[high].alias == alias { high += 1 }
    return low..<high
  }
}
