import ProxmoxInventory
import RouteRegistry

extension Benchmark {
  /// The memory of a large registry with its inventory; exact if only this row is measured.
  static var memory: [Benchmark] {
    let (routes, guests) = (10000, 2000)
    return [
      Benchmark("registry.memory", size: routes, note: "per route, built with \(guests) guests") {
        let before = ProcessMemory.settled
        return { operations in
          var sum = Sample()
          while sum.operations < operations {
            var held: (RouteRegistry, InventorySnapshot)?
            sum += try Sample.measure(routes) {
              held = (try RouteSamples(routes).registry, InventorySamples.snapshot(guests: guests))
            }
            if let before, let after = ProcessMemory.settled {
              sum.memory = Sample.Memory(before: before, after: after)
            }
            blackHole(held)
          }
          return sum
        }
      }
    ]
  }
}
