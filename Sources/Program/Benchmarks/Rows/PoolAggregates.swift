import RouteModel
import RouteRegistry

extension Benchmark {
  /// Operations over all routes of a pool; one operation is one route.
  static var poolAggregates: [Benchmark] {
    poolSizes.flatMap { size in
      KeyForm.allCases.flatMap { form in
        [
          overAll(size, form, "pool.iterate") { registry in
            for entry in registry.snapshot.entries { blackHole(entry) }
          },
          afterChange(size, form, "pool.iterate.changed", note: "one change, then all") { registry in
            for entry in registry.snapshot.entries { blackHole(entry) }
          },
          afterChange(size, form, "pool.snapshot", note: "one change, then the snapshot alone") { registry in
            blackHole(registry.snapshot)
          },
          overAll(size, form, "providers.group") { registry in blackHole(registry.snapshot.byProvider) },
          overAll(size, form, "health.info") { registry in blackHole(registry.snapshot.healthInfo) },
          overAll(size, form, "health.info.dictionary") { registry in
            blackHole(Dictionary(registry.snapshot.healthInfo.lazy.map { ($0.key, $0.health) }) { first, _ in first })
          },
        ]
      }
    }
  }

  private static func overAll(
    _ size: Int, _ form: KeyForm, _ name: String, _ body: @escaping @Sendable (RouteRegistry) -> Void
  ) -> Benchmark {
    Benchmark(name, size: size, keys: form, note: "per route") {
      let registry = try RouteSamples(size, form: form).registry
      blackHole(registry.snapshot)
      return { operations in
        let times = timesForAll(size, operations)
        return Sample.measure(times * size) {
          for _ in 0..<times { body(registry) }
        }
      }
    }
  }

  /// The cost of listing all routes after a change of one of them.
  private static func afterChange(
    _ size: Int, _ form: KeyForm, _ name: String, note: String, _ body: @escaping @Sendable (RouteRegistry) -> Void
  ) -> Benchmark {
    Benchmark(name, size: size, keys: form, note: "per route, \(note)") {
      let samples = try RouteSamples(size, form: form)
      let (registry, changes) = (samples.registry, samples.routes.scattered.map { [$0] })
      blackHole(registry.snapshot)
      return { operations in
        let times = timesForAll(size, operations)
        return Sample.measure(times * size) {
          changes.cycle(times) { change in
            registry.apply(adding: change)
            body(registry)
          }
        }
      }
    }
  }

  /// The number of rounds of `size` operations for at least that many operations.
  static func timesForAll(_ size: Int, _ operations: Int) -> Int { (operations + size - 1) / size }
}
