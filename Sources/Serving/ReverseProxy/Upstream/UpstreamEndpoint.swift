import Glibc
import NIOCore
import NIOPosix
import ProxyTLS
import RouteModel
import ServerSockets

/// The address of an upstream and its expected TLS identity. Routes with the same endpoint share a pool.
struct UpstreamEndpoint: Hashable, Sendable {
  var host: String
  var port: UInt16
  /// The expected TLS identity; nil for clear text.
  var peer: UpstreamPeer?
  /// HTTP/2 in clear text with prior knowledge (RFC 9113 §3.3).
  var isHTTP2 = false
  /// `max_conns_per_host`, for all event loops together; nil for no limit. HTTP/2 needs none: its requests share a
  /// connection.
  var connectionLimit: Int?

  /// Nil if the route's target does not speak HTTP.
  init?(_ route: Route) {
    guard case .network(let scheme, let host, let port) = route.target else { return nil }
    (self.host, self.port) = (host, port)
    switch scheme {
    case .http: break
    case .https: peer = UpstreamPeer(route.trust, host: host, serverName: route.declaration.tlsServerName)
    case .h2c: isHTTP2 = true
    case .tcp, .udp, .fileserver: return nil
    }
    connectionLimit = isHTTP2 ? nil : route.declaration.connectionLimit
  }

  /// Opens a TCP connection; TLS is added later.
  func connect(on worker: ProxyWorker) -> EventLoopFuture<any Channel> {
    guard !worker.isOutOfDescriptors else {
      return worker.eventLoop.makeFailedFuture(IOError(errnoCode: EMFILE, reason: "socket"))
    }
    let bootstrap = ClientBootstrap(group: worker.eventLoop)
      .connectTimeout(TimeAmount(worker.settings.timeouts.connect))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .keepAlive()
      .receiveBuffer()
    if let address = try? SocketAddress(ipAddress: host, port: Int(port)) { return bootstrap.connect(to: address) }
    return bootstrap.resolver(UpstreamResolver(worker.services.names, on: worker.eventLoop))
      .connect(host: host, port: Int(port))
  }
}
