import FileServing
import NIOCore
package import ProxyTraffic
import RouteModel
package import RouteRegistry
import WakeOnDemand

/// A route bound to one event loop, with the data that is prepared once instead of for each request.
///
/// The registered route is immutable: a changed route gets a new binding.
package final class ProxyRouteBinding: RouteBinding {
  enum Destination {
    case network(any UpstreamService)
    case files(FileServer, FolderThreads)
    /// The route has no target, or one that does not speak HTTP.
    case noTarget
    /// The route has an access control that the proxy does not enforce.
    case restricted(reason: String)
  }

  let destination: Destination
  let traffic: RouteTraffic
  /// Time limit for the upstream to begin its response.
  let responseTimeout: Duration
  /// Nil allows every client.
  let allowedClients: ClientAllowance?
  /// The guest or node behind the route, for the access log.
  let guest: String?
  /// Nil for routes without wake-on-demand and idle stop.
  let gate: GuestGate?

  init(
    _ registered: RegisteredRoute, destination: Destination, traffic: RouteTraffic, responseTimeout: Duration,
    gate: GuestGate? = nil
  ) {
    self.gate = gate
    self.destination = destination
    self.traffic = traffic
    self.responseTimeout = registered.route.declaration.responseHeaderTimeout ?? responseTimeout
    allowedClients = registered.route.declaration.allowedClients
    guest = registered.route.link.logName
    super.init(registered)
  }

  /// The binding of a route without a target, for benchmarks.
  package convenience init(unserved registered: RegisteredRoute, traffic: RouteTraffic) {
    self.init(registered, destination: .noTarget, traffic: traffic, responseTimeout: .seconds(60))
  }

  var route: Route { registered.route }

  var wakePolicy: WakePolicy? { registered.route.declaration.wake }

  /// Why the route has no HTTP target.
  var reason: String {
    if let target = route.target { return "the proxy does not speak \(target.description.prefix { $0 != ":" })" }
    return route.noTargetReason ?? "it is not decided yet"
  }
}
