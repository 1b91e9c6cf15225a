import Logging
import NIOCore
import ProxyTraffic
import RouteModel
import RouteRegistry

/// The summary of a connection or UDP session, recorded once when it has ended.
struct StreamRecord: Sendable {
  let kind: RouteTraffic.Connection
  let route: RegisteredRoute
  /// The true client, if a trusted proxy in between reported it.
  let client: SocketAddress?
  var bytesFromClient: UInt64 = 0
  var bytesFromUpstream: UInt64 = 0
  let duration: Duration
  /// Why nothing was relayed; nil if it was.
  var refusal: StreamRefusal?

  var metadata: Logger.Metadata {
    [
      "route.alias": "\(route.id.alias)", "client": "\(client?.ipAddress ?? "unknown")",
      "upstream": "\(route.upstream.hostPort ?? "none")", "received": "\(bytesFromClient)",
      "sent": "\(bytesFromUpstream)", "duration": "\(duration)",
    ]
  }
}
