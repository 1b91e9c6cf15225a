import NIOCore
import ServerSockets

/// A socket that listens for one route.
protocol StreamListener: Sendable {
  var spec: ListenerSpec { get }
  var channel: any Channel { get }
  /// The route may have another target now, and sessions new bytes to count.
  func look()
}

extension StreamListener {
  func look() {}

  var address: String { channel.localAddress?.hostPort ?? "unknown" }
}
