import RouteModel
import RouteRegistry

extension Benchmark {
  /// Operations over all routes of a pool; one operation is one route.
  static var poolAggregates: [Benchmark] {
    poolSizes.flatMap { size in
      [
        overAll(size, "pool.iterate") { registry in
          for entry in registry.snapshot.entries { blackHole(entry) }
        },
        overAll(size, "providers.group") { registry in blackHole(registry.snapshot.byProvider) },
        overAll(size, "health.info") { registry in blackHole(registry.snapshot.healthInfo) },
        rebuilding(size),
      ]
    }
  }

  private static func overAll(
    _ size: Int, _ name: String, _ body: @escaping @Sendable (RouteRegistry) -> Void
  ) -> Benchmark {
    Benchmark(name, size: size, note: "per route") {
      let registry = try RouteSamples(size).registry
      blackHole(registry.snapshot)
      return { operations in
        let times = timesForAll(size, operations)
        return Sample.measure(times * size) {
          for _ in 0..<times { body(registry) }
        }
      }
    }
  }

  /// The first look at all routes after a change, which the rows above do not pay.
  private static func rebuilding(_ size: Int) -> Benchmark {
    Benchmark("pool.snapshot", size: size, note: "per route, the first after a change") {
      let samples = try RouteSamples(size)
      let registry = samples.registry
      let replaced = Array(samples.routes.prefix(1))
      return { operations in
        let times = timesForAll(size, operations)
        return Sample.measure(times * size) {
          for _ in 0..<times {
            registry.apply(adding: replaced)
            blackHole(registry.snapshot)
          }
        }
      }
    }
  }

  /// How often all `size` things must be done for at least so many operations.
  static func timesForAll(_ size: Int, _ operations: Int) -> Int { (operations + size - 1) / size }
}
