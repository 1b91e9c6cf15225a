extension Benchmark {
  /// Every row, in the order in which they are printed.
  static var all: [Benchmark] {
    harness + poolReads + poolWrites + poolAggregates + context + memory + lookups + validation + inventory
      + discoveryCycles + health + traffic
  }
}
