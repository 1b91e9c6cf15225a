import RouteModel
import RouteRegistry

extension Benchmark {
  static let poolSizes = [100, 1000, 10000]

  /// Lookups by alias, after plain dictionaries with the same keys.
  static var poolReads: [Benchmark] {
    poolSizes.flatMap { size in
      KeyForm.allCases.flatMap { form in
        references(size, form) + identities(size, form) + owned(size, form) + contendedReads(size, form)
      }
    }
  }

  /// The identity of the route, which is not retained.
  private static func identities(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      Benchmark("pool.get.hit", size: size, keys: form, note: "by bytes, not kept") {
        let samples = try RouteSamples(size, form: form)
        return reads(of: samples.keyBytes, in: samples.registry)
      },
      Benchmark("pool.get.miss", size: size, keys: form, note: "by bytes") {
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
            keys.cycle(operations) { blackHole(registry.httpIdentity(alias: alias, host: $0)) }
          }
        }
      },
      Benchmark("pool.get.string", size: size, keys: form, note: "a hit by a String, not kept") {
        let samples = try RouteSamples(size, form: form)
        let (keys, registry) = (samples.keys, samples.registry)
        return { operations in
          Sample.measure(operations) { keys.cycle(operations) { blackHole(registry.identity(alias: $0)) } }
        }
      },
    ]
  }

  private static func reads(of keys: KeyBytes, in registry: RouteRegistry) -> Sampler {
    { operations in
      Sample.measure(operations) { keys.cycle(operations) { blackHole(registry.identity(alias: $0)) } }
    }
  }

  /// A retained route.
  private static func owned(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      Benchmark("pool.get.owned", size: size, keys: form, note: "by bytes, as an event loop takes it") {
        let samples = try RouteSamples(size, form: form)
        let (keys, registry) = (samples.keyBytes, samples.registry)
        return { operations in
          var bindings = RouteBindings<RouteBinding>()
          keys.cycle(size) { _ = bindings.http(alias: $0, host: $0, in: registry, bind: RouteBinding.init) }
          return Sample.measure(operations) {
            keys.cycle(operations) {
              blackHole(bindings.http(alias: $0, host: $0, in: registry, bind: RouteBinding.init))
            }
          }
        }
      },
      Benchmark("pool.get.locked", size: size, keys: form, note: "by bytes, a route that a thread meets first") {
        let samples = try RouteSamples(size, form: form)
        let (keys, registry) = (samples.keyBytes, samples.registry)
        return { operations in
          Sample.measure(operations) { keys.cycle(operations) { blackHole(registry.get(alias: $0)) } }
        }
      },
    ]
  }
}
