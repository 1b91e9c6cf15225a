package import JSONDocument
package import RouteModel
import Synchronization

/// A route in the registry: immutable, and shared by all readers.
///
/// A class, so that a pool, a snapshot and a request refer to a route without copying it.
public final class RegisteredRoute: Sendable {
  package let route: Route
  /// Computed once: every line of the access log contains it.
  let targetURL: String?
  /// The last template, until the key or listener changes.
  private let shown = Mutex<ShownRoute?>(nil)
  private let labels = Mutex<MeasuredRoute?>(nil)

  package init(_ route: Route) {
    self.route = route
    targetURL = route.target?.description
  }

  /// The upstream's names for access logs and forwarded headers.
  package var upstream: UpstreamNames { UpstreamNames(self) }

  package var id: RouteID { route.id }
  package var pool: RoutePool { route.pool }

  /// The route's rendering for people and programs, made on the first request and kept as long as its key and listener
  /// stay the same.
  package func template(
    of key: RouteKey, _ listener: ListenerState?, _ make: () -> JSONTemplate
  ) -> JSONTemplate {
    shown.withLock { shown in
      if let shown, shown.key == key, shown.listener == listener { return shown.template }
      let new = ShownRoute(key: key, listener: listener, template: make())
      shown = new
      return new.template
    }
  }

  /// The labels of the route in metrics, made on the first request and kept as long as its key stays the same.
  package func metricLabels(of key: RouteKey, _ make: () -> [UInt8]) -> [UInt8] {
    labels.withLock { measured in
      if let measured, measured.key == key { return measured.labels }
      let new = MeasuredRoute(key: key, labels: make())
      measured = new
      return new.labels
    }
  }
}

/// A class, so that a route that is never shown stores only a pointer.
private final class ShownRoute: Sendable {
  let key: RouteKey
  let listener: ListenerState?
  let template: JSONTemplate

  init(key: RouteKey, listener: ListenerState?, template: JSONTemplate) {
    (self.key, self.listener, self.template) = (key, listener, template)
  }
}

/// A class for the same reason.
private final class MeasuredRoute: Sendable {
  let key: RouteKey
  let labels: [UInt8]

  init(key: RouteKey, labels: [UInt8]) { (self.key, self.labels) = (key, labels) }
}
