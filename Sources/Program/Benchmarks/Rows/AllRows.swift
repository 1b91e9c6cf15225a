extension Benchmark {
  /// Every row, in the order in which they are printed.
  static var all: [Benchmark] {
    harness + poolReads + sharedReads + readsDuringReload + proxyRouting + poolWrites + poolAggregates + context
      + memory + lookups + validation + reconciliation + inventory
      + discoveryCycles + health + traffic + socket
  }
}
