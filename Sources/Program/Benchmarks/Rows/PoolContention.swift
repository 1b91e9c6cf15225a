import RouteModel
import RouteRegistry

extension Benchmark {
  /// Lookups while another thread is at the same pool.
  static func contendedReads(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [parallelReads(size, form), readsBesideWriter(size, form)]
  }

  private static func parallelReads(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.get.parallel", size: size, keys: form, note: "two threads, per get of each") {
      let samples = try RouteSamples(size, form: form)
      let (keys, registry) = (samples.keyBytes, samples.registry)
      return { operations in
        try SideBySide.measure(threads: 2, operations: operations) {
          keys.cycle(operations) { blackHole(registry.withRoute($0) { ObjectIdentifier($0) }) }
        }
      }
    }
  }

  private static func readsBesideWriter(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.get.with_writer", size: size, keys: form, note: "a writer replaces one route without pause") {
      let samples = try RouteSamples(size, form: form)
      let (keys, registry) = (samples.keyBytes, samples.registry)
      // Each is another value of the one before.
      let values = samples.routes.prefix(1).flatMap { [[$0], [RegisteredRoute($0.route)]] }
      return { operations in
        let write: @Sendable () -> Void = { for value in values { registry.apply(adding: value) } }
        return try SideBySide.measure(operations: operations, disturbedBy: write) {
          keys.cycle(operations) { blackHole(registry.withRoute($0) { ObjectIdentifier($0) }) }
        }
      }
    }
  }
}
