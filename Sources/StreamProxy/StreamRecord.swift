package import NIOCore
import RouteModel
package import RouteRegistry

/// What became of a connection or UDP session, told once, when it has ended.
package struct StreamRecord: Sendable {
  package let route: RegisteredRoute
  /// The true client, where a trusted proxy in between told it.
  package let client: SocketAddress?
  package let bytesFromClient: UInt64
  package let bytesFromUpstream: UInt64
  package let duration: Duration
  /// Why nothing was relayed; nil where it was.
  package let refusal: StreamRefusal?

  init(
    route: RegisteredRoute, client: SocketAddress?, bytesFromClient: UInt64 = 0, bytesFromUpstream: UInt64 = 0,
    duration: Duration, refusal: StreamRefusal? = nil
  ) {
    self.route = route
    self.client = client
    self.bytesFromClient = bytesFromClient
    self.bytesFromUpstream = bytesFromUpstream
    self.duration = duration
    self.refusal = refusal
  }
}

/// Why a connection was closed instead of being relayed.
package enum StreamRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nobody to send it to: the link is open, ambiguous or lost.
  case noTarget(String)
  /// The target is the very listener that was asked.
  case itself(String)
  case upstreamUnreachable(String)

  static func noTarget(of route: Route) -> StreamRefusal {
    .noTarget(route.steps.last { $0.step == "target" }?.detail ?? "it is not decided yet")
  }

  package var description: String {
    switch self {
    case .noTarget(let reason): "the route has no target: \(reason)"
    case .itself(let target): "the target \(target) is this listener itself: give the route another port or host"
    case .upstreamUnreachable(let reason): "the upstream cannot be reached: \(reason)"
    }
  }
}
