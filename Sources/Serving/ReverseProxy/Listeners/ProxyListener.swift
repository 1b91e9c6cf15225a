import Logging
import NIOCore
import NIOPosix
import ServerSockets

/// An open listener of the proxy.
struct ProxyListener: Sendable {
  let channel: any Channel

  /// `ADDRESS:PORT`, with the actual port if the configured one is 0.
  var address: String { channel.localAddress?.hostPort ?? "unknown" }

  /// - Parameter key: `http` or `https`.
  static func open(
    _ address: ProxyConfiguration.Address, key: String, group: any EventLoopGroup, workers: ProxyWorkers,
    descriptors: DescriptorBudget, inherited: InheritedSockets, logger: Logger
  ) async throws(ProxyListenError) -> ProxyListener {
    let isSecure = key == "https"
    do {
      let socketAddress = try SocketAddress(ipAddress: address.host, port: Int(address.port))
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 1024)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptGate(descriptors, logger: logger))
          }
        }
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .keepAlive()
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try ProtocolNegotiationHandler.configure(
              channel, isSecure: isSecure, worker: workers.worker(on: channel.eventLoop))
          }
        }
        .listen(at: socketAddress, inherited)
      logger.info(
        "proxy listens", metadata: ["address": "\(channel.localAddress?.hostPort ?? "")", "scheme": "\(key)"])
      return ProxyListener(channel: channel)
    } catch {
      throw ProxyListenError(key: key, address: "\(address.host):\(address.port)", reason: error.bindReason)
    }
  }
}

/// Why `proxy.http` or `proxy.https` cannot listen. At the start, it ends the agent; after a reload, it is retried.
package struct ProxyListenError: Error, Hashable, CustomStringConvertible {
  package let key: String
  package let address: String
  package let reason: String

  package var description: String { "cannot listen on proxy.\(key), \(address): \(reason)" }
}
