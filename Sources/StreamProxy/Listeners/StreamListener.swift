import NIOCore
import ServerSockets

/// A socket that listens for one route.
protocol StreamListener: Sendable {
  var spec: ListenerSpec { get }
  var channel: any Channel { get }
  /// The route may have another target now.
  func routeChanged()
}

extension StreamListener {
  func routeChanged() {}

  var address: String { channel.localAddress?.hostPort ?? "unknown" }
}
