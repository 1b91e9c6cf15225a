import Logging
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry

/// What became of a connection or UDP session, told once, when it has ended.
struct StreamRecord: Sendable {
  let kind: RouteTraffic.Connection
  let route: RegisteredRoute
  /// The true client, where a trusted proxy in between told it.
  let client: SocketAddress?
  var bytesFromClient: UInt64 = 0
  var bytesFromUpstream: UInt64 = 0
  let duration: Duration
  /// Why nothing was relayed; nil where it was.
  var refusal: StreamRefusal?

  var metadata: Logger.Metadata {
    [
      "route.alias": "\(route.id.alias)", "client": "\(client?.ipAddress ?? "unknown")",
      "upstream": "\(route.upstream.hostPort ?? "none")", "received": "\(bytesFromClient)",
      "sent": "\(bytesFromUpstream)", "duration": "\(duration)",
    ]
  }
}

/// Why a connection was closed instead of being relayed.
enum StreamRefusal: Error, Hashable, CustomStringConvertible {
  /// Nobody to send it to: the link is open, ambiguous or lost.
  case noTarget(String)
  /// The target is the very listener that was asked.
  case itself(String)
  case upstreamUnreachable(String)

  static func noTarget(of route: Route) -> StreamRefusal {
    .noTarget(route.steps.last { $0.step == "target" }?.detail ?? "it is not decided yet")
  }

  var description: String {
    switch self {
    case .noTarget(let reason): "the route has no target: \(reason)"
    case .itself(let target): "the target \(target) is this listener itself: give the route another port or host"
    case .upstreamUnreachable(let reason): "the upstream cannot be reached: \(reason)"
    }
  }
}
