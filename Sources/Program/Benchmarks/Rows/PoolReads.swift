import RouteModel
import RouteRegistry

extension Benchmark {
  static let poolSizes = [100, 1000, 10000]

  /// Lookups by alias, and before them the plain dictionaries on the same keys.
  static var poolReads: [Benchmark] {
    poolSizes.flatMap { size in
      KeyForm.allCases.flatMap { form in
        references(size, form) + singleReads(size, form) + contendedReads(size, form)
      }
    }
  }

  private static func singleReads(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      Benchmark("pool.get.hit", size: size, keys: form) {
        let samples = try RouteSamples(size, form: form)
        return reads(of: samples.keyBytes, in: samples.registry)
      },
      Benchmark("pool.get.miss", size: size, keys: form) {
        let samples = try RouteSamples(size, form: form)
        return reads(of: KeyBytes(samples.absentKeys), in: samples.registry)
      },
      Benchmark("pool.get.host", size: size, keys: form, note: "no route by the alias, one by the whole host") {
        let samples = try RouteSamples(size, form: form)
        let (keys, registry) = (samples.keyBytes, samples.registry)
        let nobody = Array("nobody".utf8)
        return { operations in
          Sample.measure(operations) {
            let alias = nobody.span.bytes
            keys.cycle(operations) {
              blackHole(registry.withHTTPRouteOrExact(alias: alias, host: $0) { ObjectIdentifier($0) })
            }
          }
        }
      },
      Benchmark("pool.get.string", size: size, keys: form, note: "a hit by a String") {
        let samples = try RouteSamples(size, form: form)
        let (keys, registry) = (samples.keys, samples.registry)
        return { operations in
          Sample.measure(operations) {
            keys.cycle(operations) { blackHole(registry.withRoute($0) { ObjectIdentifier($0) }) }
          }
        }
      },
    ]
  }

  private static func reads(of keys: KeyBytes, in registry: RouteRegistry) -> Sampler {
    { operations in
      Sample.measure(operations) {
        keys.cycle(operations) { blackHole(registry.withRoute($0) { ObjectIdentifier($0) }) }
      }
    }
  }
}
