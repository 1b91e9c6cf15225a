import RouteModel
import RouteRegistry
import Synchronization

extension Benchmark {
  /// Plain dictionaries with the keys and routes of the `pool.get` rows, without and with a lock: by a String, and by
  /// bytes that are converted to one; retained or borrowed.
  static func references(_ size: Int, _ form: KeyForm) -> [Benchmark] {
    [
      reference("dictionary.get", size, form, "by a String, kept") { keys, routes, _ in
        { count in keys.strings.cycle(count) { blackHole(routes[$0]) } }
      },
      reference("dictionary.get.lent", size, form, "by a String, not kept") { keys, routes, _ in
        { count in keys.strings.cycle(count) { blackHole(routes[$0] != nil) } }
      },
      reference("dictionary.get.bytes", size, form, "by bytes, kept") { keys, routes, _ in
        { count in keys.bytes.cycle(count) { blackHole(routes[String(utf8: $0)]) } }
      },
      reference("mutex_dictionary.get", size, form, "by a String, kept") { keys, _, routes in
        { count in keys.strings.cycle(count) { blackHole(routes[$0]) } }
      },
      reference("mutex_dictionary.get.bytes", size, form, "by bytes, kept") { keys, _, routes in
        { count in keys.bytes.cycle(count) { blackHole(routes[String(utf8: $0)]) } }
      },
    ]
  }

  private struct Keys: Sendable {
    var strings: [String]
    var bytes: KeyBytes
  }

  private static func reference(
    _ name: String, _ size: Int, _ form: KeyForm, _ note: String,
    _ read: @escaping @Sendable (Keys, [String: RegisteredRoute], LockedRoutes) -> (Int) -> Void
  ) -> Benchmark {
    Benchmark("reference.\(name)", size: size, keys: form, note: note) {
      let samples = try RouteSamples(size, form: form)
      let routes = samples.routesByAlias
      let body = read(Keys(strings: samples.keys, bytes: samples.keyBytes), routes, LockedRoutes(routes))
      return { operations in Sample.measure(operations) { body(operations) } }
    }
  }

  private final class LockedRoutes: Sendable {
    private let routes: Mutex<[String: RegisteredRoute]>
    init(_ routes: [String: RegisteredRoute]) { self.routes = Mutex(routes) }
    subscript(_ alias: String) -> RegisteredRoute? { routes.withLock { $0[alias] } }
  }
}

extension String {
  fileprivate init(utf8 bytes: RawSpan) { self = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}

extension RouteSamples {
  fileprivate var routesByAlias: [String: RegisteredRoute] {
    Dictionary(routes.map { ($0.id.alias.folded, $0) }) { first, _ in first }
  }
}
