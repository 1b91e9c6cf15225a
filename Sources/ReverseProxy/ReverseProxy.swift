import HTTPMessages
package import Logging
package import NIOCore
import NIOPosix
package import ProxyTraffic
package import RouteRegistry
import ServiceLifecycle
import Synchronization

/// Serves the HTTP routes of the registry to browsers: which route a request gets is looked up as it comes.
package final class ReverseProxy: Service {
  private let services: ProxyServices
  private let group: any EventLoopGroup
  private let configuration: Mutex<ProxyConfiguration>
  private let workers = Mutex<ProxyWorkers?>(nil)
  private let addresses = Mutex<[SocketAddress]>([])

  package init(
    configuration: ProxyConfiguration, registry: RouteRegistry, traffic: TrafficBook, accessLog: AccessLog,
    group: any EventLoopGroup, logger: Logger
  ) {
    services = ProxyServices(registry: registry, traffic: traffic, accessLog: accessLog, logger: logger)
    self.configuration = Mutex(configuration)
    self.group = group
  }

  /// Where it listens now.
  package var listening: [SocketAddress] { addresses.withLock { $0 } }

  /// Puts all of a configuration in force but the addresses.
  package func replace(_ configuration: ProxyConfiguration) {
    self.configuration.withLock { $0 = configuration }
    workers.withLock { $0 }?.put(ProxySettings(configuration))
  }

  /// Listens until it is shut down gracefully; requests in flight are finished within `drain`. Throws where it cannot
  /// listen.
  package func run() async throws {
    let configuration = configuration.withLock { $0 }
    let workers = try await ProxyWorkers(group: group, services: services, settings: ProxySettings(configuration))
    self.workers.withLock { $0 = workers }
    var listeners: [any Channel] = []
    if let address = configuration.http {
      listeners.append(try await listen(on: address, workers))
    }
    addresses.withLock { $0 = listeners.compactMap(\.localAddress) }
    for address in listening {
      services.logger.info("proxy listens", metadata: ["proxy.address": "\(address)"])
    }
    try? await gracefulShutdown()
    for listener in listeners { try? await listener.close() }
    await workers.drain(within: self.configuration.withLock { $0.timeouts.drain })
  }

  private func listen(on address: ProxyConfiguration.Address, _ workers: ProxyWorkers) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let worker = try workers.worker(on: channel.eventLoop)
          let peer = ClientPeer(
            channel.remoteAddress, isSecure: false, trustedProxies: worker.settings.configuration.trustedProxies)
          try channel.pipeline.syncOperations.addHandler(ClientConnection(peer: peer, worker: worker))
        }
      }
      .bind(host: address.host, port: Int(address.port)).get()
  }
}
