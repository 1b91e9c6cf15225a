import NIOCore
import ServerSockets

/// A socket that listens for one route.
protocol StreamListener: Sendable {
  var spec: ListenerSpec { get }
  var channel: any Channel { get }
  /// Checks for a new target of the route, and counts new bytes of sessions.
  func look()
}

extension StreamListener {
  func look() {}

  var address: String { channel.localAddress?.hostPort ?? "unknown" }
}
