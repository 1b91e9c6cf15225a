import RouteModel
import RouteRegistry
import Synchronization

extension Benchmark {
  /// What a plain dictionary takes for the keys and routes of `pool.get.hit`, alone and behind a lock.
  static func references(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      Benchmark("reference.dictionary.get", size: size, keys: form) {
        let samples = try RouteSamples(size, form: form)
        let (keys, routes) = (samples.keys, samples.routesByAlias)
        return { operations in
          Sample.measure(operations) { keys.cycle(operations) { blackHole(routes[$0]) } }
        }
      },
      Benchmark("reference.mutex_dictionary.get", size: size, keys: form) {
        let samples = try RouteSamples(size, form: form)
        let (keys, routes) = (samples.keys, LockedRoutes(samples.routesByAlias))
        return { operations in
          Sample.measure(operations) { keys.cycle(operations) { blackHole(routes[$0]) } }
        }
      },
    ]
  }

  private final class LockedRoutes: Sendable {
    private let routes: Mutex<[String: RegisteredRoute]>
    init(_ routes: [String: RegisteredRoute]) { self.routes = Mutex(routes) }
    subscript(_ alias: String) -> RegisteredRoute? { routes.withLock { $0[alias] } }
  }
}

extension RouteSamples {
  fileprivate var routesByAlias: [String: RegisteredRoute] {
    Dictionary(routes.map { ($0.id.alias.folded, $0) }) { first, _ in first }
  }
}
