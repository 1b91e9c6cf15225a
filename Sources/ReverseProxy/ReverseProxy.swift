import HTTPMessages
import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Serves the HTTP routes of the registry to browsers: which route a request gets is looked up as it comes.
package final class ReverseProxy: Service {
  private let services: ProxyServices
  private let group: any EventLoopGroup
  private let configuration: Mutex<ProxyConfiguration>
  private let identity = ProxyIdentity()
  private let workers = Mutex<ProxyWorkers?>(nil)
  private let addresses = Mutex<[SocketAddress]>([])

  package init(configuration: ProxyConfiguration, services: ProxyServices, group: any EventLoopGroup) {
    self.services = services
    self.configuration = Mutex(configuration)
    self.group = group
  }

  /// Where it listens now.
  package var listening: [SocketAddress] { addresses.withLock { $0 } }

  /// Puts all of a configuration in force but the addresses.
  package func replace(_ configuration: ProxyConfiguration) {
    self.configuration.withLock { $0 = configuration }
    workers.withLock { $0 }?.put(ProxySettings(configuration, identity: identity))
  }

  /// Listens until it is shut down gracefully; requests in flight are finished within `drain`. Throws where it cannot
  /// listen.
  package func run() async throws {
    let configuration = configuration.withLock { $0 }
    let workers = try await ProxyWorkers(
      group: group, services: services, settings: ProxySettings(configuration, identity: identity))
    self.workers.withLock { $0 = workers }
    var listeners: [any Channel] = []
    if let address = configuration.http {
      listeners.append(try await listen(on: address, isSecure: false, workers))
    }
    if let address = configuration.https {
      listeners.append(try await listen(on: address, isSecure: true, workers))
    }
    addresses.withLock { $0 = listeners.compactMap(\.localAddress) }
    for address in listening {
      services.logger.info("proxy listens", metadata: ["proxy.address": "\(address)"])
    }
    try? await gracefulShutdown()
    for listener in listeners { try? await listener.close() }
    await workers.drain(within: self.configuration.withLock { $0.timeouts.drain })
  }

  private func listen(
    on address: ProxyConfiguration.Address, isSecure: Bool, _ workers: ProxyWorkers
  ) async throws -> any Channel {
    try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try Arrival.receive(channel, isSecure: isSecure, worker: workers.worker(on: channel.eventLoop))
        }
      }
      .bind(host: address.host, port: Int(address.port)).get()
  }
}
