import RouteModel
import RouteRegistry

extension Benchmark {
  /// Routes that are added and removed one by one, each in its own generation.
  static var poolWrites: [Benchmark] {
    poolSizes.flatMap { size in
      KeyForm.allCases.flatMap { [adding(size, $0), deleting(size, $0), deletingFew(size, $0)] }
    }
  }

  private static func adding(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.add", size: size, keys: form, note: "from empty to n, one by one") {
      let routes = try RouteSamples(size, form: form).routes.scattered
      return { operations in
        inShares(of: size, operations) { share in
          let registry = RouteRegistry()
          return Sample.measure(share) {
            for route in routes.prefix(share) { registry.apply(adding: [route]) }
          }
        }
      }
    }
  }

  private static func deleting(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.delete", size: size, keys: form, note: "from n to empty, one by one") {
      let samples = try RouteSamples(size, form: form)
      let ids = samples.routes.map(\.id).scattered
      return { operations in
        inShares(of: size, operations) { share in
          let registry = samples.registry
          return Sample.measure(share) {
            for id in ids.prefix(share) { registry.apply(adding: [], removing: [id]) }
          }
        }
      }
    }
  }

  private static func deletingFew(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.delete-few", size: size, keys: form, note: "a tenth of n, one by one; put back unmeasured") {
      let samples = try RouteSamples(size, form: form)
      let (registry, routes) = (samples.registry, samples.routes.scattered)
      let ids = routes.map(\.id)
      var start = 0
      return { operations in
        inShares(of: size / 10, operations) { share in
          let end = start + share
          defer {
            registry.apply(adding: Array(routes[start..<end]))
            start = end + size / 10 > size ? 0 : end
          }
          return Sample.measure(share) {
            for id in ids[start..<end] { registry.apply(adding: [], removing: [id]) }
          }
        }
      }
    }
  }

  /// At most `size` routes are added to or removed from one pool; more operations use further pools.
  private static func inShares(of size: Int, _ operations: Int, _ measure: (_ share: Int) -> Sample) -> Sample {
    var sum = Sample()
    while sum.operations < operations { sum += measure(min(size, operations - sum.operations)) }
    return sum
  }
}
