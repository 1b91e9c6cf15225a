import FileServing
import NIOCore
package import ProxyTraffic
import RouteModel
package import RouteRegistry
import WakeOnDemand

/// A route as one event loop serves it: what is looked up and spelled once, not for each request.
///
/// It stands for one registered route, which is immutable: a route that changes gets another binding.
package final class ProxyRouteBinding: RouteBinding {
  enum Destination {
    case network(any UpstreamService)
    case files(FileServer)
    /// The route has no target, or none of a kind that answers HTTP.
    case noTarget
    /// The route restricts access in a way that is not enforced here.
    case restricted(reason: String)
  }

  let destination: Destination
  let traffic: RouteTraffic
  /// For the upstream to begin its response.
  let responseTimeout: Duration
  /// Nil serves every client.
  let allowedClients: ClientAllowance?
  /// The guest or node behind the route, for the access log.
  let guest: String?
  /// Nil for most routes: those whose guest neither wakes nor is stopped for want of clients.
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

  /// Of a route that goes nowhere.
  package convenience init(unserved registered: RegisteredRoute, traffic: RouteTraffic) {
    self.init(registered, destination: .noTarget, traffic: traffic, responseTimeout: .seconds(60))
  }

  var route: Route { registered.route }

  var wakePolicy: WakePolicy? { registered.route.declaration.wake }

  /// Why the route goes nowhere.
  var reason: String {
    if let target = route.target { return "the proxy does not speak \(target.description.prefix { $0 != ":" })" }
    return route.noTargetReason ?? "it is not decided yet"
  }
}
