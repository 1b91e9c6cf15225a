import FoundationEssentials
import RouteModel
import RouteRegistry

extension Benchmark {
  /// Lookups while another thread uses the same pool.
  static func contendedReads(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      parallelReads(size, form),
      readsBesideWriter("pool.get.with_writer", size, form, note: "a writer replaces one route without pause") {
        routes in
        // Each is a changed value of the route before it.
        let values = routes.prefix(1).flatMap { [[$0], [RegisteredRoute($0.route)]] }
        return { registry in for value in values { registry.apply(adding: value) } }
      },
      readsBesideWriter("pool.get.with_churn", size, form, note: "a writer deletes and adds a route without pause") {
        let (route, ids) = (Array($0.suffix(1)), $0.suffix(1).map(\.id))
        return { registry in
          registry.apply(adding: [], removing: ids)
          registry.apply(adding: route)
        }
      },
    ]
  }

  /// One route that all threads look up and retain for a moment.
  static var sharedReads: [Benchmark] {
    [1, 2].map { threads in
      Benchmark("pool.get.shared", size: threads, note: "n threads take one route as event loops do, per get of each") {
        let samples = try RouteSamples(1000)
        let (keys, registry) = (KeyBytes(Array(samples.keys.prefix(1))), samples.registry)
        return { operations in
          try SideBySide.measure(threads: threads, operations: operations) {
            var bindings = RouteBindings<RouteBinding>()
            keys.cycle(operations) {
              blackHole(bindings.http(alias: $0, host: $0, in: registry, bind: RouteBinding.init))
            }
          }
        }
      }
    }
  }

  private static func parallelReads(_ size: Int, _ form: KeyForm) -> Benchmark {
    Benchmark("pool.get.parallel", size: size, keys: form, note: "two threads, per get of each") {
      let samples = try RouteSamples(size, form: form)
      let (keys, registry) = (samples.keyBytes, samples.registry)
      return { operations in
        try SideBySide.measure(threads: 2, operations: operations) {
          keys.cycle(operations) { blackHole(registry.identity(alias: $0)) }
        }
      }
    }
  }

  private static func readsBesideWriter(
    _ name: String, _ size: Int, _ form: KeyForm, note: String,
    _ writer: @escaping @Sendable ([RegisteredRoute]) -> @Sendable (RouteRegistry) -> Void
  ) -> Benchmark {
    Benchmark(name, size: size, keys: form, note: note) {
      let samples = try RouteSamples(size, form: form)
      let (keys, registry, change) = (samples.keyBytes, samples.registry, writer(samples.routes))
      return { operations in
        try SideBySide.measure(operations: operations, disturbedBy: { change(registry) }) {
          keys.cycle(operations) { blackHole(registry.identity(alias: $0)) }
        }
      }
    }
  }

  /// The longest lookup while all routes are replaced at once, and for comparison the longest time between two readings
  /// of the clock, which the machine itself causes.
  ///
  /// In processor time of the thread, because lookups never wait: it excludes other threads, and includes interrupts of
  /// the kernel and the host. A round in which the thread slept is an error.
  static var readsDuringReload: [Benchmark] {
    [
      worst("reference.clock.reload", note: "the worst of two looks at the clock while batches of n routes are put in")
      {
        _, _ in
      },
      worst("pool.get.reload", note: "the worst lookup while batches of n routes are put in, with the clock's own time")
      {
        blackHole($0.identity(alias: $1))
      },
    ]
  }

  private static func worst(
    _ name: String, note: String, _ lookUp: @escaping @Sendable (RouteRegistry, RawSpan) -> Void
  ) -> Benchmark {
    Benchmark(name, size: 10000, note: note, isPaced: true) {
      let samples = try RouteSamples(10000)
      let (keys, registry) = (samples.keyBytes, samples.registry)
      let versions = [samples.routes, samples.routes.map { RegisteredRoute($0.route) }]
      return { _ in
        var worst = Duration.zero
        var sleeps: Int? = 0
        _ = try SideBySide.measure(
          operations: 1, disturbedBy: { for version in versions { registry.apply(adding: version) } }
        ) {
          let before = ThreadSleeps.count
          let end = ContinuousClock.now + .milliseconds(100)
          while ContinuousClock.now < end {
            keys.cycle(100) { key in
              let start = ProcessorClock.ofThread
              lookUp(registry, key)
              worst = max(worst, ProcessorClock.ofThread - start)
            }
          }
          sleeps = before.flatMap { before in ThreadSleeps.count.map { $0 - before } }
        }
        guard sleeps == 0 else { throw ThreadSleeps.Failure(count: sleeps) }
        return Sample(operations: 1, wall: worst)
      }
    }
  }
}

/// The number of voluntary context switches of this thread, as when it waits for a lock (proc(5)).
enum ThreadSleeps {
  struct Failure: Error, CustomStringConvertible {
    let count: Int?

    var description: String {
      count.map { "a lookup must never wait, and its thread slept \($0) times" }
        ?? "cannot read how often a thread slept: is there no /proc?"
    }
  }

  /// Nil if it cannot be read.
  static var count: Int? {
    guard let status = try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
    return line?.split(separator: "\t").last.flatMap { Int($0) }
  }
}
