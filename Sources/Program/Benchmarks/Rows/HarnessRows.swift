extension Benchmark {
  /// A check of the harness: a known number of allocations.
  static var harness: [Benchmark] {
    [
      Benchmark("harness.allocations", size: 3, note: "makes exactly n allocations") {
        { operations in
          Sample.measure(operations) {
            for _ in 0..<operations {
              blackHole(Cell())
              blackHole(Cell())
              blackHole([UInt64](repeating: 1, count: 8))
            }
          }
        }
      }
    ]
  }

  private final class Cell {}
}
